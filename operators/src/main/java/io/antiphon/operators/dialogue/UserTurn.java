package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.text.PromptSegment;
import io.antiphon.runtime.text.Prompts;
import io.antiphon.schemas.QuestionType;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an answer answers. Immutable. */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public sealed interface UserTurn {
  RecordFormat<UserTurn> FORMAT = RecordFormat.of("user turn", 1, UserTurn::write, UserTurn::read);

  /** The prompt's pieces, up to where the assistant answers. */
  List<PromptSegment> segments(Prompts prompts);

  /** The same as a message that has no answer yet. */
  List<PromptSegment> message(Prompts prompts);

  /** What was written; null when it was spoken. */
  @Nullable String text();

  /** What kind of question it is. */
  QuestionType type();

  /**
   * A turn that the dialogue's context holds and that is not repeated here: what the caller has
   * just said, which was listened to piece by piece; of an answer that is over, the history's last
   * turn.
   */
  record InContext() implements UserTurn {
    static final InContext INSTANCE = new InContext();

    @Override
    public List<PromptSegment> segments(Prompts prompts) {
      throw new IllegalStateException("the turn stands in the context already");
    }

    @Override
    public List<PromptSegment> message(Prompts prompts) {
      return segments(prompts);
    }

    @Override
    public @Nullable String text() {
      return null;
    }

    /** Nothing else is answered from the context. */
    @Override
    public QuestionType type() {
      return QuestionType.SPOKEN;
    }
  }

  /**
   * Said.
   *
   * @param groups embeddings {@code [count x d]}
   */
  record Spoken(float[] groups, int count) implements UserTurn {
    /** What was said in pieces. */
    static Spoken of(List<Groups> pieces) {
      float[] all = new float[pieces.stream().mapToInt(piece -> piece.groups().length).sum()];
      int at = 0;
      int count = 0;
      for (Groups piece : pieces) {
        System.arraycopy(piece.groups(), 0, all, at, piece.groups().length);
        at += piece.groups().length;
        count += piece.count();
      }
      return new Spoken(all, count);
    }

    @Override
    public List<PromptSegment> segments(Prompts prompts) {
      return List.of(
          new PromptSegment.Text(prompts.audioBegin()),
          new PromptSegment.Audio(groups, count),
          new PromptSegment.Text(prompts.audioEnd()));
    }

    @Override
    public List<PromptSegment> message(Prompts prompts) {
      return List.of(
          new PromptSegment.Text(prompts.audioBegin()),
          new PromptSegment.Audio(groups, count),
          new PromptSegment.Text(prompts.audioEndUnanswered()));
    }

    @Override
    public @Nullable String text() {
      return null;
    }

    @Override
    public QuestionType type() {
      return QuestionType.SPOKEN;
    }
  }

  /** Written. */
  record Written(String text) implements UserTurn {
    @Override
    public List<PromptSegment> segments(Prompts prompts) {
      return List.of(new PromptSegment.Text(prompts.textTurn(text)));
    }

    @Override
    public List<PromptSegment> message(Prompts prompts) {
      return List.of(new PromptSegment.Text(prompts.textMessage(text)));
    }

    @Override
    public QuestionType type() {
      return QuestionType.WRITTEN;
    }
  }

  /** The results of the calls in the answer before, each on its line. */
  record ToolResults(String text) implements UserTurn {
    @Override
    public List<PromptSegment> segments(Prompts prompts) {
      return List.of(new PromptSegment.Text(prompts.toolResult(text)));
    }

    @Override
    public List<PromptSegment> message(Prompts prompts) {
      return List.of(new PromptSegment.Text(prompts.toolResultMessage(text)));
    }

    @Override
    public QuestionType type() {
      return QuestionType.TOOL_RESULTS;
    }
  }

  /** What the system says in mid-conversation. */
  record SystemMessage(String text) implements UserTurn {
    @Override
    public List<PromptSegment> segments(Prompts prompts) {
      return List.of(
          new PromptSegment.Text(prompts.systemMessage(text)),
          new PromptSegment.Text(prompts.assistantBegin()));
    }

    @Override
    public List<PromptSegment> message(Prompts prompts) {
      return List.of(new PromptSegment.Text(prompts.systemMessage(text)));
    }

    @Override
    public QuestionType type() {
      return QuestionType.WRITTEN;
    }
  }

  /**
   * Nothing new: the assistant answers what stands in the history without an answer.
   *
   * @param type of the last of it
   * @param text of what was written of it, null for nothing
   */
  record Requested(QuestionType type, @Nullable String text) implements UserTurn {
    @Override
    public List<PromptSegment> segments(Prompts prompts) {
      return List.of(new PromptSegment.Text(prompts.assistantBegin()));
    }

    @Override
    public List<PromptSegment> message(Prompts prompts) {
      return List.of();
    }
  }

  private static void write(UserTurn value, DataOutput out) throws IOException {
    if (value instanceof Spoken spoken) {
      out.writeByte(1);
      StateEncoding.writeFloats(spoken.groups(), out);
      out.writeInt(spoken.count());
    } else if (value instanceof Written written) {
      out.writeByte(2);
      StateEncoding.writeString(written.text(), out);
    } else if (value instanceof ToolResults results) {
      out.writeByte(3);
      StateEncoding.writeString(results.text(), out);
    } else if (value instanceof SystemMessage system) {
      out.writeByte(4);
      StateEncoding.writeString(system.text(), out);
    } else if (value instanceof Requested requested) {
      out.writeByte(5);
      out.writeUTF(requested.type().name());
      StateEncoding.writeString(requested.text(), out);
    } else {
      throw new IOException("no tag for " + value.getClass());
    }
  }

  private static UserTurn read(int version, DataInput in) throws IOException {
    int tag = in.readUnsignedByte();
    return switch (tag) {
      case 1 -> new Spoken(StateEncoding.readFloats(in), in.readInt());
      case 2 -> new Written(StateEncoding.readString(in));
      case 3 -> new ToolResults(StateEncoding.readString(in));
      case 4 -> new SystemMessage(StateEncoding.readString(in));
      case 5 ->
          new Requested(QuestionType.valueOf(in.readUTF()), StateEncoding.readStringOrNull(in));
      default -> throw new IOException("unknown question tag " + tag);
    };
  }
}
