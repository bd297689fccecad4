import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * A program for JVMs of any age, to be harmed: does what it is told line by line, and says what
 * came of it.
 */
public class Shop {
  private final List<Thread> busy = new ArrayList<>();
  private volatile boolean watching;
  private volatile long struck;

  public static void main(String[] args) throws Exception {
    Shop shop = new Shop();
    System.out.println("ready");
    while (args.length > 0) { // where nobody can ask: it writes how long the last calls took
      String took = shop.told("sell tea".split(" ")) + " " + shop.told("price 4".split(" "));
      java.nio.file.Files.write(java.nio.file.Paths.get(args[0]), took.getBytes("UTF-8"));
      Thread.sleep(20);
    }
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(shop.told(line.split(" ")));
    }
  }

  private String told(String[] words) throws Exception {
    switch (words[0]) {
      case "price":
        return timed(() -> price("tea", Integer.parseInt(words[1])));
      case "sell":
        return timed(() -> sell(words[1]));
      case "till":
        return timed(() -> Till.count(Integer.parseInt(words[1])));
      case "weigh":
        return timed(() -> (words[1].equals("fruit") ? new Fruit() : new Tea()).weigh());
      case "late":
        return timed(() -> Late.name());
      case "watch":
        struck = 0;
        watching = true;
        Thread watch = new Thread(this::watch);
        watch.start();
        busy.add(watch);
        return "watching";
      case "unwatch":
        watching = false;
        return told(new String[] {"join"});
      case "struck":
        return "struck " + struck;
      case "many":
        return many(Integer.parseInt(words[1]));
      case "start":
        Thread thread = new Thread(() -> price("tea", 1));
        thread.start();
        busy.add(thread);
        return "started";
      case "join":
        long since = System.nanoTime();
        for (Thread each : busy) {
          each.join();
        }
        busy.clear();
        return "joined " + (System.nanoTime() - since) / 1000000;
      case "threads":
        return Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .collect(java.util.stream.Collectors.joining(","))
            .replace(' ', '_');
      case "state":
        System.gc();
        return "threads "
            + ManagementFactory.getThreadMXBean().getThreadCount()
            + " descriptors "
            + new File("/proc/self/fd").list().length
            + " classes "
            + ManagementFactory.getClassLoadingMXBean().getLoadedClassCount()
            + " metaspace "
            + metaspace();
      default:
        return "unknown " + words[0];
    }
  }

  private static long metaspace() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Metaspace"))
        .mapToLong(pool -> pool.getUsage().getUsed())
        .sum();
  }

  private interface Work {
    Object run() throws Exception;
  }

  /** What it returned or threw, and the milliseconds that it took. */
  private static String timed(Work work) {
    long begin = System.nanoTime();
    String what;
    try {
      what = String.valueOf(work.run());
    } catch (Throwable e) {
      what = e.getClass().getName() + ":" + String.valueOf(e.getMessage()).replace(' ', '_');
    }
    return what + " " + (System.nanoTime() - begin) / 1000000;
  }

  private String many(int calls) {
    int unusual = 0;
    for (int i = 0; i < calls; i++) {
      try {
        unusual += price("tea", i) == i * 3 ? 0 : 1;
      } catch (RuntimeException e) {
        unusual++;
      }
    }
    return "unusual " + unusual;
  }

  /** Notes when the price was last another than it should be. */
  private void watch() {
    while (watching) {
      if (price("tea", 4) != 12) {
        struck = System.nanoTime();
      }
      Thread.yield();
    }
  }

  int price(String item, int count) {
    return count * item.length();
  }

  String sell(String item) throws java.io.IOException {
    return "sold_" + item;
  }

  /** Something whose classes come when they are first needed. */
  interface Stall {
    String weigh();
  }

  static class Fruit implements Stall {
    @Override
    public String weigh() {
      return "fruit";
    }
  }

  static class Tea implements Stall {
    @Override
    public String weigh() {
      return "tea";
    }
  }

  /** Has no lambdas, which a JVM makes anew for each change of their class. */
  static class Till {
    static int count(int coins) {
      return coins;
    }
  }

  /** Loaded when it is first needed. */
  static class Late {
    static String name() {
      return "late";
    }
  }
}
