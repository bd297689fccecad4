package io.faultd.agent.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Rules of all kinds for all methods of a class: those that go on and those that return at once or
 * another value, before and after, looking at none, one and two values of a call.
 */
final class Kinds {
  /** How many there are. */
  static final int COUNT = 12;

  private static final int SIGHTS = 3;

  private Kinds() {}

  /** Rules of every kind for each method. */
  static List<Rule> all(byte[] file) throws Refusal {
    List<Rule> rules = new ArrayList<>();
    for (int kind = 0; kind < COUNT; kind++) {
      rules.addAll(one(file, kind));
    }
    return rules;
  }

  /** Rules of one kind for each method. */
  static List<Rule> one(byte[] file, int kind) throws Refusal {
    ClassReader reader = new ClassReader(file);
    List<Rule> rules = new ArrayList<>();
    for (Map.Entry<String, Set<Type>> method : methods(reader).entrySet()) {
      boolean special = method.getKey().startsWith("<");
      boolean returning = kind >= COUNT / 2;
      boolean after = kind / SIGHTS % 2 != 0;
      if (!special || !returning) {
        Pointcut pointcut =
            Pointcut.of(Collections.singletonList(reader.getClassName()), method.getKey())
                .after(after)
                .looking(sights(kind % SIGHTS, special && !after));
        for (String value : returning ? values(method.getValue()) : Collections.singleton("")) {
          rules.add(rule(pointcut, value));
        }
      }
    }
    return rules;
  }

  /** Whether it is one that every method has that can be woven. */
  static boolean first(Rule rule) {
    Pointcut pointcut = rule.pointcut();
    return !pointcut.after() && pointcut.sights().isEmpty() && !rule.action().skips();
  }

  /** Before a constructor has called another there is no object to look at. */
  private static List<Integer> sights(int count, boolean nothingYet) {
    List<Integer> all = new ArrayList<>();
    for (int value : new int[] {0, nothingYet ? 1 : Pointcut.THIS}) {
      if (all.size() < count) {
        all.add(value);
      }
    }
    return all;
  }

  private static Rule rule(Pointcut pointcut, String value) throws Refusal {
    boolean delay = value.isEmpty();
    Flags flags = new Flags(new HashMap<>(delay ? Map.of("time", "1") : Map.of("value", value)));
    Action action = delay ? Actions.common("delay", flags) : Actions.value(flags);
    return new Rule("all", Aim.at(pointcut, (Condition) null), action, flags);
  }

  /** What methods of some types can return. */
  private static Set<String> values(Set<Type> types) {
    Set<String> values = new LinkedHashSet<>();
    for (Type type : types) {
      for (String value : new String[] {"1", "true", "null"}) {
        if (Values.read(type, value) != null) {
          values.add(value);
          break;
        }
      }
    }
    return values;
  }

  private static Map<String, Set<Type>> methods(ClassReader reader) {
    Map<String, Set<Type>> methods = new LinkedHashMap<>();
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            if ((access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0) {
              methods
                  .computeIfAbsent(name, each -> new LinkedHashSet<>())
                  .add(Type.getReturnType(descriptor));
            }
            return null;
          }
        },
        ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
    return methods;
  }
}
