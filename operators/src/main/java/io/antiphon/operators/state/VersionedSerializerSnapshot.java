package io.antiphon.operators.state;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a savepoint keeps of a {@link VersionedSerializer}: its class and the newest version that
 * may stand in the state. State of an older or the same version is compatible as it is, because
 * every value tells its own version; state of a newer one is refused.
 */
public final class VersionedSerializerSnapshot<T> implements TypeSerializerSnapshot<T> {
  private static final int VERSION = 1;

  private VersionedSerializer<T> serializer;
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
    out.writeUTF(serializer.getClass().getName());
    out.writeInt(newest);
  }

  @Override
  @SuppressWarnings("unchecked") // the class name was written by a serialiser of the same state
  public void readSnapshot(int version, DataInputView in, ClassLoader classLoader)
      throws IOException {
    if (version != VERSION) {
      throw new IOException(
          "a serialiser snapshot of version " + version + ", expected " + VERSION);
    }
    String name = in.readUTF();
    newest = in.readInt();
    try {
      serializer =
          (VersionedSerializer<T>)
              Class.forName(name, true, classLoader)
                  .asSubclass(VersionedSerializer.class)
                  .getDeclaredConstructor()
                  .newInstance();
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IOException("the state's serialiser " + name + " cannot be made", e);
    }
  }

  @Override
  public TypeSerializer<T> restoreSerializer() {
    return serializer;
  }

  @Override
  public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
      TypeSerializerSnapshot<T> old) {
    boolean readable =
        old instanceof VersionedSerializerSnapshot<T> snapshot
            && snapshot.serializer.equals(serializer)
            && snapshot.newest <= serializer.version();
    return readable
        ? TypeSerializerSchemaCompatibility.compatibleAsIs()
        : TypeSerializerSchemaCompatibility.incompatible();
  }
}
