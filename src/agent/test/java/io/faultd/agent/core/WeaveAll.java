package io.faultd.agent.core;

import java.faultd.Gate;
import java.faultd.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodTooLargeException;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Weaves rules of all kinds into all methods of some libraries, and has the JVM verify what came of
 * it; to be run with {@code -Xverify:all}, in a JVM of its own.
 *
 * <p>HotSpot verifies a class when it links it, and links it before it tells its methods (jvm.cpp,
 * get_class_declared_methods_helper).
 */
public final class WeaveAll {
  private static final int BATCH = 200;

  /** All kinds at once, each class another one, none, and a class that no JVM may take. */
  private static final int ALL = -1, ONE = -2, NONE = -3, BROKEN = -4;

  /** Boxing what is looked at would call them again. */
  private static final Set<String> BOXES =
      Set.of("Boolean", "Character", "Byte", "Short", "Integer", "Long", "Float", "Double");

  private static final String TOO_LARGE = "a method is too large";

  private static Instrumentation instrumentation;

  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();
  private int classes;
  private int methods;
  private int tooLarge;
  private int unlinkable;

  private WeaveAll() {}

  /** Takes what weaves classes that are there already. */
  public static void premain(String options, Instrumentation with) {
    instrumentation = with;
  }

  /**
   * Prints what came of it.
   *
   * @param args the jars; and {@code java.base}, if its classes are meant, too
   */
  public static void main(String[] args) throws Exception {
    WeaveAll all = new WeaveAll();
    for (String jar : args) {
      if (jar.endsWith(".jar")) {
        all.read(jar);
      }
    }
    Woven broken = new Woven(all.files, BROKEN);
    System.out.println("broken: " + link(broken, all.withTruth()));
    System.out.println("broken: " + all.changed(List.of(Optional.class), BROKEN));
    all.libraries(ALL);
    all.libraries(ONE);
    if (List.of(args).contains("java.base")) {
      all.jdk();
    }
    all.failures.forEach(System.out::println);
    System.out.printf(
        "methods=%d classes=%d failures=%d toolarge=%d unlinkable=%d%n",
        all.methods, all.classes, all.failures.size(), all.tooLarge, all.unlinkable);
  }

  /** A class with each method that returns a truth returning a text; null if it has none. */
  private static byte[] broken(byte[] file) {
    int bodiless = Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE;
    boolean[] changed = {false};
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    new ClassReader(file)
        .accept(
            new ClassVisitor(Opcodes.ASM9, writer) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] thrown) {
                MethodVisitor method =
                    super.visitMethod(access, name, descriptor, signature, thrown);
                if (!descriptor.endsWith(")Z") || (access & bodiless) != 0) {
                  return method;
                }
                changed[0] = true;
                method.visitCode();
                method.visitLdcInsn("text");
                method.visitInsn(Opcodes.IRETURN);
                method.visitMaxs(0, 0);
                method.visitEnd();
                return null;
              }
            },
            0);
    return changed[0] ? writer.toByteArray() : null;
  }

  /** A class that {@link #broken} breaks. */
  private String withTruth() {
    for (Map.Entry<String, byte[]> each : files.entrySet()) {
      if (broken(each.getValue()) != null) {
        return each.getKey();
      }
    }
    throw new IllegalStateException("no such class");
  }

  private void read(String jar) throws IOException {
    try (JarFile file = new JarFile(jar)) {
      Enumeration<JarEntry> entries = file.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        String name = entry.getName();
        if (name.endsWith(".class") && !name.startsWith("META-INF/") && !name.contains("-info")) {
          try (InputStream in = file.getInputStream(entry)) {
            files.putIfAbsent(name.substring(0, name.length() - 6), in.readAllBytes());
          }
        }
      }
    }
  }

  /** All classes of the libraries, with all kinds at once or each with another one. */
  private void libraries(int kind) throws Exception {
    Woven woven = new Woven(files, kind);
    Woven plain = new Woven(files, NONE);
    for (String name : files.keySet()) {
      forget();
      String error = link(woven, name);
      if (error == null) {
        classes += kind == ALL ? 1 : 0;
        methods += kind == ALL ? woven.methods.getOrDefault(name, 0) : 0;
      } else if (error.contains(TOO_LARGE)) {
        tooLarge++;
      } else if (link(plain, name) == null) {
        failures.add("FAILURE " + name + " kind " + kind + ": " + error);
      } else {
        unlinkable++;
      }
    }
  }

  /** What the JVM says against a class, or null. */
  private static String link(ClassLoader loader, String name) {
    try {
      // asking for them links the class, and with it verifies it
      Method[] methods = Class.forName(name.replace('/', '.'), false, loader).getDeclaredMethods();
      return methods == null ? "none" : null;
    } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
      return e.toString();
    }
  }

  /** Classes of the JDK are there once, so they are changed and changed back. */
  private void jdk() throws Exception {
    List<Class<?>> batch = new ArrayList<>();
    Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("modules/java.base/java");
    try (Stream<Path> all = Files.walk(base)) {
      for (Path each : (Iterable<Path>) all.sorted()::iterator) {
        String path = each.subpath(2, each.getNameCount()).toString();
        if (path.endsWith(".class") && !path.contains("-info")) {
          Class<?> type =
              Class.forName(path.substring(0, path.length() - 6).replace('/', '.'), false, null);
          if (instrumentation.isModifiableClass(type) && !untouched(type)) {
            batch.add(type);
          }
        }
        if (batch.size() == BATCH) {
          change(batch);
          batch.clear();
        }
      }
    }
    change(batch);
  }

  private static boolean untouched(Class<?> type) {
    Pointcut any = Pointcut.of(List.of(), "any");
    try {
      Flags flags = new Flags(new HashMap<>(Map.of("time", "1")));
      Rule rule =
          new Rule("any", Aim.at(any, (Condition) null), Actions.common("delay", flags), flags);
      return Kin.untouched(type.getName().replace('.', '/'), rule)
          || (type.getPackageName().equals("java.lang") && BOXES.contains(type.getSimpleName()));
    } catch (Refusal e) {
      throw new IllegalStateException(e);
    }
  }

  private void change(List<Class<?>> batch) throws Exception {
    forget();
    String error = changed(batch, ALL);
    if (error == null) {
      classes += batch.size();
    } else if (batch.size() == 1) {
      failures.add("FAILURE " + batch.get(0).getName() + ": " + error);
    } else {
      for (Class<?> each : batch) {
        change(List.of(each));
      }
    }
  }

  /** What the JVM says against classes that are there when they are woven, or null. */
  private String changed(List<Class<?>> types, int kind) throws Exception {
    Set<Class<?>> meant = new HashSet<>(types);
    Map<String, Integer> of = new HashMap<>();
    ClassFileTransformer weaver =
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> type,
              ProtectionDomain domain,
              byte[] file) {
            return meant.contains(type) ? woven(null, file, kind, of) : null;
          }
        };
    Class<?>[] all = types.toArray(new Class<?>[0]);
    instrumentation.addTransformer(weaver, true);
    try {
      instrumentation.retransformClasses(all);
      methods += of.values().stream().mapToInt(each -> each).sum();
      return null;
    } catch (LinkageError | RuntimeException e) {
      return e.toString();
    } finally {
      instrumentation.removeTransformer(weaver);
      instrumentation.retransformClasses(all);
    }
  }

  private static byte[] woven(
      ClassLoader loader, byte[] file, int kind, Map<String, Integer> methods) {
    if (kind == NONE || kind == BROKEN) {
      byte[] broken = kind == BROKEN ? broken(file) : null;
      return broken == null ? file : broken;
    }
    try {
      List<Rule> rules = kind == ALL ? Kinds.all(file) : Kinds.one(file, kind);
      byte[] woven = Weaver.weave(loader, file, rules);
      for (Rule rule : rules) {
        if (Kinds.first(rule)) {
          methods.merge(new ClassReader(file).getClassName(), rule.methods(), Integer::sum);
        }
      }
      return woven == null ? file : woven;
    } catch (Refusal e) {
      throw new IllegalStateException(e);
    } catch (MethodTooLargeException e) {
      throw new IllegalStateException(TOO_LARGE, e);
    }
  }

  /** The gate keeps all that were ever put into it in one array: too many for a test. */
  private static void forget() throws ReflectiveOperationException {
    synchronized (Gate.class) {
      field("next").setInt(null, 0);
      field("probes").set(null, new Probe[0]);
    }
  }

  private static Field field(String name) throws ReflectiveOperationException {
    Field field = Gate.class.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  /** The classes of the libraries. */
  private static final class Woven extends ClassLoader {
    private final Map<String, byte[]> files;
    private final int kind;
    private final Map<String, Integer> methods = new HashMap<>();
    private int count;

    Woven(Map<String, byte[]> files, int kind) {
      super(ClassLoader.getPlatformClassLoader());
      this.files = files;
      this.kind = kind;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] file = files.get(name.replace('.', '/'));
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      int next = kind == ONE ? count++ % Kinds.COUNT : kind;
      byte[] woven = woven(this, file, next, methods);
      return defineClass(name, woven, 0, woven.length);
    }
  }
}
