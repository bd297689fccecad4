package io.faultd.targets;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Base64;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/** An agent of the tests' own: tells which classes there are, and the bytes of one as they are. */
public final class Dumper {
  private static Instrumentation instrumentation;

  private static final Map<Class<?>, AtomicInteger> CHANGES = new ConcurrentHashMap<>();

  private static final Map<Class<?>, ClassFileTransformer> SPOILER = new ConcurrentHashMap<>();

  private Dumper() {}

  public static void agentmain(String options, Instrumentation with) {
    instrumentation = with;
  }

  /** Names of those that are loaded and have a part of a name. */
  static String loaded(String part) {
    StringJoiner names = new StringJoiner(" ");
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (type.getName().contains(part) && !type.isArray()) {
        names.add(type.getName());
      }
    }
    return names.toString();
  }

  /** How often a class has been changed since this was asked first. */
  static int changes(Class<?> type) {
    AtomicInteger count = CHANGES.putIfAbsent(type, new AtomicInteger());
    if (count != null) {
      return count.get();
    }
    instrumentation.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] file) {
            if (redefined == type) {
              CHANGES.get(type).incrementAndGet();
            }
            return null;
          }
        },
        true);
    return 0;
  }

  /** Makes each change of a class fail, as another agent with a defect does; or no longer. */
  static void spoil(Class<?> type, boolean spoil) {
    if (!spoil) {
      instrumentation.removeTransformer(SPOILER.remove(type));
      return;
    }
    ClassFileTransformer spoiler =
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] file) {
            return redefined == type ? new byte[] {1, 2, 3} : null;
          }
        };
    SPOILER.put(type, spoiler);
    instrumentation.addTransformer(spoiler, true);
  }

  /**
   * The bytes of a class, with a constant pool written anew: that of a class that was changed and
   * changed back keeps what it does not need (JDK 21).
   */
  static String bytes(Class<?> type) throws Exception {
    byte[][] seen = {null};
    ClassFileTransformer look =
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] file) {
            if (redefined == type) {
              seen[0] = file.clone();
            }
            return null;
          }
        };
    instrumentation.addTransformer(look, true);
    try {
      instrumentation.retransformClasses(type);
    } finally {
      instrumentation.removeTransformer(look);
    }
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(seen[0]).accept(writer, 0);
    return Base64.getEncoder().encodeToString(writer.toByteArray());
  }
}
