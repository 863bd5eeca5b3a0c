package io.antiphon.operators.state;

import java.io.IOException;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * What a savepoint keeps of a {@link VersionedSerializer}: its type id and the newest version that
 * may stand in the state. State of an older or the same version is compatible as it is, because
 * every value tells its own version; state of a newer one is refused.
 *
 * <p>Flink stores the name of this class: it is the only one in savepoints, and never changes.
 */
public final class VersionedSerializerSnapshot<T> implements TypeSerializerSnapshot<T> {
  private static final int VERSION = 1;

  private @Nullable VersionedSerializer<T> serializer;
  private int newest;

  /** For Flink, which fills it by {@link #readSnapshot}. */
  public VersionedSerializerSnapshot() {}

  VersionedSerializerSnapshot(VersionedSerializer<T> serializer) {
    this.serializer = serializer;
    this.newest = serializer.version();
  }

  @Override
  public int getCurrentVersion() {
    return VERSION;
  }

  @Override
  public void writeSnapshot(DataOutputView out) throws IOException {
    out.writeUTF(serializer().typeId());
    out.writeInt(newest);
  }

  @Override
  @SuppressWarnings("unchecked") // the id was written by a serialiser of the same state
  public void readSnapshot(int version, DataInputView in, ClassLoader classLoader)
      throws IOException {
    if (version != VERSION) {
      throw new IOException(
          "a serialiser snapshot of version " + version + ", expected " + VERSION);
    }
    String id = in.readUTF();
    newest = in.readInt();
    serializer = (VersionedSerializer<T>) find(id, classLoader);
    if (newest > serializer().version()) {
      throw IncompatibleStateException.later(id, newest, serializer().version());
    }
  }

  private VersionedSerializer<T> serializer() {
    return Objects.requireNonNull(serializer, "no snapshot was read yet");
  }

  private static VersionedSerializer<?> find(String id, ClassLoader classLoader)
      throws IncompatibleStateException {
    Set<String> known = new TreeSet<>();
    for (VersionedSerializer<?> each : ServiceLoader.load(VersionedSerializer.class, classLoader)) {
      if (each.typeId().equals(id)) {
        return each;
      }
      known.add(each.typeId());
    }
    throw new IncompatibleStateException(
        "The state holds values of type '" + id + "', expected one of " + known);
  }

  @Override
  public TypeSerializer<T> restoreSerializer() {
    return serializer();
  }

  @Override
  public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
      TypeSerializerSnapshot<T> old) {
    boolean readable =
        old instanceof VersionedSerializerSnapshot<T> snapshot
            && snapshot.serializer().equals(serializer())
            && snapshot.newest <= serializer().version();
    return readable
        ? TypeSerializerSchemaCompatibility.compatibleAsIs()
        : TypeSerializerSchemaCompatibility.incompatible();
  }
}
