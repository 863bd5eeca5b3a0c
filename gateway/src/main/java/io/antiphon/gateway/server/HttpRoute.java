package io.antiphon.gateway.server;

/** Answers a request whose body has been read. Worker threads; may wait a little. */
@FunctionalInterface
public interface HttpRoute {
  HttpResponse handle(HttpRequest request) throws HttpException;
}
