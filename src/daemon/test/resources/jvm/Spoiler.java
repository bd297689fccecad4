import java.io.File;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;

/** An agent of somebody else's: no class is let change while there is a file. */
public class Spoiler {
  public static void premain(String file, Instrumentation instrumentation) {
    instrumentation.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] bytes) {
            return redefined != null && new File(file).exists() ? new byte[] {1, 2, 3} : null;
          }
        },
        true);
  }
}
