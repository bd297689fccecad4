package io.faultd.targets;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Base64;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/** An agent of the tests' own: tells the bytes of a class as they are now. */
public final class Dumper {
  private static Instrumentation instrumentation;

  private Dumper() {}

  public static void agentmain(String options, Instrumentation with) {
    instrumentation = with;
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
