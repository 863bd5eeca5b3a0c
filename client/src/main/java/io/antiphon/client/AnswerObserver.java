package io.antiphon.client;

/** Sees answers as they come. */
public interface AnswerObserver {
  /** Sees nothing. */
  AnswerObserver NONE =
      new AnswerObserver() {
        @Override
        public void onText(String piece) {}

        @Override
        public void onAnswer(Answer answer) {}
      };

  /** A piece of the answer's text. */
  void onText(String piece);

  /** The whole answer. */
  void onAnswer(Answer answer);
}
