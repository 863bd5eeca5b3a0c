package io.antiphon.gateway.server;

/** A request that is refused, with the answer that says so. */
public final class HttpException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient HttpResponse response;

  public HttpException(HttpResponse response) {
    super("status " + response.status());
    this.response = response;
  }

  public HttpResponse response() {
    return response;
  }
}
