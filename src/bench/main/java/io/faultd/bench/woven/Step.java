package io.faultd.bench.woven;

/** What is measured: a method that does next to nothing. */
public final class Step {
  private int sum;

  /** Made by each thread. */
  public Step() {}

  /** Adds. */
  public int step(int number) {
    sum += number;
    return sum;
  }
}
