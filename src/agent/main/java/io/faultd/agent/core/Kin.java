package io.faultd.agent.core;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Which classes a pointcut means. */
final class Kin {
  /**
   * Classes that the gate itself calls before it can know that it is called by itself, with what is
   * nested in them, and whole packages.
   */
  private static final String[] UNTOUCHED = {
    "java/faultd/",
    "java/lang/ref/",
    "java/lang/ThreadLocal",
    "java/lang/Object",
    "java/util/concurrent/atomic/AtomicLong",
    "jdk/internal/misc/Unsafe",
    "sun/misc/Unsafe",
    "io/faultd/agent/"
  };

  /** Classes that box arguments: looking at an argument of theirs would call them. */
  private static final String[] BOXES = {
    "java/lang/Boolean", "java/lang/Character", "java/lang/Byte", "java/lang/Short",
    "java/lang/Integer", "java/lang/Long", "java/lang/Float", "java/lang/Double"
  };

  /** Other methods that are called when an argument is looked at. */
  private static final String[] LOOKS = {
    "java/lang/String.equals",
    "java/lang/String.startsWith",
    "java/lang/Enum.name",
    "java/lang/Class.getName"
  };

  private Kin() {}

  /** Whether a class must stay as it is, whatever the rule. */
  static boolean untouched(String name, Rule rule) {
    for (String each : UNTOUCHED) {
      if (name.equals(each) || name.startsWith(each.endsWith("/") ? each : each + "$")) {
        return true;
      }
    }
    return !rule.arguments().isEmpty()
        && (Arrays.asList(BOXES).contains(name)
            || Arrays.asList(LOOKS).contains(name + "." + rule.pointcut().method()));
  }

  /** Whether a pointcut means a class that is there. */
  static boolean means(Pointcut pointcut, Class<?> type) {
    if (pointcut.names(type)) {
      return true;
    }
    return pointcut.overriding() && !type.isArray() && below(pointcut, type);
  }

  private static boolean below(Pointcut pointcut, @Nullable Class<?> type) {
    if (type == null) {
      return false;
    }
    for (Class<?> each : type.getInterfaces()) {
      if (pointcut.names(each) || below(pointcut, each)) {
        return true;
      }
    }
    Class<?> above = type.getSuperclass();
    return above != null && (pointcut.names(above) || below(pointcut, above));
  }

  /**
   * Whether a pointcut means a class that is about to be there.
   *
   * <p>The classes above it may not be there yet, and must not be asked for: what is loaded while a
   * class is being transformed is shown to no transformer. So their files are read.
   */
  static boolean means(Pointcut pointcut, String name, byte[] file, @Nullable ClassLoader loader) {
    if (pointcut.names(name)) {
      return true;
    }
    if (!pointcut.overriding()) {
      return false;
    }
    ClassReader reader = new ClassReader(file);
    return has(reader, pointcut) && below(pointcut, reader, loader);
  }

  private static boolean below(
      Pointcut pointcut, ClassReader reader, @Nullable ClassLoader loader) {
    List<String> above = new ArrayList<>(Arrays.asList(reader.getInterfaces()));
    if (reader.getSuperName() != null) {
      above.add(reader.getSuperName());
    }
    for (String each : above) {
      if (pointcut.names(each)) {
        return true;
      }
    }
    for (String each : above) {
      ClassReader next = each.equals("java/lang/Object") ? null : file(each, loader);
      if (next != null && below(pointcut, next, loader)) {
        return true;
      }
    }
    return false;
  }

  /** The file of a class; null if its loader does not give it, then {@link Rules#look} sees it. */
  private static @Nullable ClassReader file(String name, @Nullable ClassLoader loader) {
    ClassLoader from = loader == null ? ClassLoader.getSystemClassLoader() : loader;
    try (InputStream in = from.getResourceAsStream(name + ".class")) {
      return in == null ? null : new ClassReader(in);
    } catch (IOException e) {
      return null;
    }
  }

  private static boolean has(ClassReader reader, Pointcut pointcut) {
    boolean[] found = {false};
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public @Nullable MethodVisitor visitMethod(
              int access,
              String name,
              String descriptor,
              @Nullable String signature,
              String @Nullable [] exceptions) {
            found[0] |= pointcut.takes(name, descriptor);
            return null;
          }
        },
        ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return found[0];
  }
}
