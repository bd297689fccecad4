package io.faultd.targets;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A program that does what it is told, a command a line, so that a test sees what calls do. */
public final class Target {
  private Target() {}

  public static void main(String[] args) throws Exception {
    System.out.println("ready=");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      try {
        System.out.println(run(words));
      } catch (Exception | LinkageError e) {
        System.out.println("failed=" + e);
      }
    }
  }

  private static String run(String[] words) throws Exception {
    switch (words[0]) {
      case "call":
        return call(words, 1, 1);
      case "repeat":
        return call(
            Arrays.copyOfRange(words, 2, words.length),
            Integer.parseInt(words[1]),
            Integer.parseInt(words[2]));
      case "gc":
        for (int i = 0; i < 3; i++) {
          System.gc();
          Thread.sleep(20);
        }
        return "done=";
      case "threads":
        List<String> names = new ArrayList<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
          if (thread.getName().startsWith("faultd")) {
            names.add(thread.getName());
          }
        }
        return "count=" + names.size() + "\tnames=" + names;
      case "serve":
        return "port=" + Web.serve(words[1], words[2]);
      case "connect":
        return Sql.connect(words[1]);
      case "sql":
        return Sql.run(String.join(" ", Arrays.copyOfRange(words, 1, words.length)));
      case "fetch":
        return fetch(words[1]);
      case "classes":
        return "names=" + Dumper.loaded("faultd");
      case "changes":
        return "count=" + Dumper.changes(Class.forName(words[1]));
      case "spoil":
        Dumper.spoil(Class.forName(words[1]), Boolean.parseBoolean(words[2]));
        return "spoilt=" + words[2];
      case "bytes":
        return "canonical=" + Dumper.bytes(Class.forName(words[1]));
      default:
        throw new IOException("no such command: " + words[0]);
    }
  }

  private static String fetch(String url) {
    try (InputStream in = new URL(url).openConnection().getInputStream()) {
      return "last="
          + new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
    } catch (IOException e) {
      return "last=" + e;
    }
  }

  /** {@code call CLASS METHOD ARGUMENT...}: on threads, each some times. */
  private static String call(String[] words, int threads, int times) throws Exception {
    Class<?> type = Class.forName(words[1]);
    Executable method = method(type, words[2], words.length - 3);
    Object[] arguments = arguments(method, words);
    Object self =
        Modifier.isStatic(method.getModifiers()) || method instanceof Constructor
            ? null
            : type.getDeclaredConstructor().newInstance();
    AtomicInteger returned = new AtomicInteger();
    AtomicInteger thrown = new AtomicInteger();
    String[] last = {""};
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Thread thread =
          new Thread(() -> {
            try {
              start.await();
            } catch (InterruptedException e) {
              return;
            }
            for (int j = 0; j < times; j++) {
              last[0] = once(method, self, arguments, returned, thrown);
            }
          });
      thread.start();
      all.add(thread);
    }
    long from = System.nanoTime();
    start.countDown();
    for (Thread thread : all) {
      thread.join();
    }
    long millis = (System.nanoTime() - from) / 1_000_000;
    return "returned="
        + returned
        + "\tthrown="
        + thrown
        + "\tmillis="
        + millis
        + "\tlast="
        + last[0];
  }

  private static String once(
      Executable method,
      Object self,
      Object[] arguments,
      AtomicInteger returned,
      AtomicInteger thrown) {
    try {
      Object value =
          method instanceof Constructor
              ? ((Constructor<?>) method).newInstance(arguments)
              : ((Method) method).invoke(self, arguments);
      returned.incrementAndGet();
      return text(value);
    } catch (InvocationTargetException e) {
      thrown.incrementAndGet();
      StackTraceElement[] stack = e.getCause().getStackTrace();
      return e.getCause() + " at " + (stack.length == 0 ? "" : stack[0].getMethodName());
    } catch (ReflectiveOperationException e) {
      return "unexpected " + e;
    }
  }

  private static String text(Object value) {
    return value != null && value.getClass().isArray()
        ? "array of " + Array.getLength(value)
        : String.valueOf(value);
  }

  private static Executable method(Class<?> type, String name, int arguments) {
    List<Executable> all = new ArrayList<>();
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      all.addAll(
          Arrays.asList(
              name.equals("<init>") ? each.getDeclaredConstructors() : each.getDeclaredMethods()));
    }
    for (Executable method : all) {
      if ((name.equals("<init>") || method.getName().equals(name))
          && method.getParameterTypes().length == arguments
          && !method.isSynthetic()) {
        if (!type.getName().startsWith("java.")) {
          method.setAccessible(true);
        }
        return method;
      }
    }
    throw new IllegalArgumentException("no method " + name);
  }

  private static Object[] arguments(Executable method, String[] words) {
    Class<?>[] types = method.getParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      String text = words[3 + i];
      if (types[i] == int.class) {
        arguments[i] = Integer.valueOf(text);
      } else if (types[i] == long.class) {
        arguments[i] = Long.valueOf(text);
      } else if (types[i] == double.class) {
        arguments[i] = Double.valueOf(text);
      } else if (types[i].isEnum()) {
        arguments[i] = Thread.State.valueOf(text);
      } else {
        arguments[i] = text;
      }
    }
    return arguments;
  }
}
