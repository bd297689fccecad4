package io.faultd.targets;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Methods of all kinds. */
public class Subject implements Shape {
  private final List<String> seen = new ArrayList<>();

  public Subject() {
    this("nobody");
  }

  public Subject(String name) {
    super();
    seen.add(name);
  }

  public int add(int first, int second) {
    return first + second;
  }

  public String greet(String name) {
    if (name.isEmpty()) {
      return "nobody";
    }
    return "hello " + name;
  }

  public void touch() {
    seen.clear();
  }

  public static long wide(long first, double second) {
    long sum = first;
    for (int i = 0; i < 3; i++) {
      sum += (long) second;
    }
    return sum;
  }

  public boolean yes() {
    return true;
  }

  public char letter() {
    return 'a';
  }

  public byte small() {
    return 1;
  }

  public short shorter() {
    return 2;
  }

  public float single() {
    return 1.5f;
  }

  public double number() {
    return 2.5;
  }

  public Integer boxed() {
    return 7;
  }

  public Object any() {
    return Collections.emptyList();
  }

  public List<String> list() {
    return seen;
  }

  public int[] array() {
    return new int[3];
  }

  public String state(Thread.State state) {
    return state.name();
  }

  public String risky(String name) throws IOException, InterruptedException {
    if (name.equals("missing")) {
      throw new FileNotFoundException(name);
    }
    return name;
  }

  public int over(int first) {
    return over(first, 1);
  }

  public int over(int first, int second) {
    return first * second;
  }

  public String label(int of) {
    return "x-" + label(of, 1);
  }

  public String label(int of, int more) {
    return of + " " + more;
  }

  public int cost(int of) {
    touch();
    return cost(of, 2);
  }

  public int cost(int of, int times) {
    return of * times;
  }

  public int order(String name) {
    return order(1, name);
  }

  public int order(int amount, String name) {
    return amount + name.length();
  }

  public int find(int number) {
    return number;
  }

  public String find(String name, String otherwise) {
    return name.isEmpty() ? otherwise : name;
  }

  public int faculty(int of) {
    return of <= 1 ? 1 : of * faculty(of - 1);
  }

  public int overwriting(int argument) {
    argument++;
    return argument;
  }

  public int sum(int first) {
    return sum(first, 1);
  }

  public int sum(int first, int second) {
    first += second;
    return first;
  }

  public int total(int first) {
    first++;
    return total(first, 1);
  }

  public int total(int first, int second) {
    return first + second;
  }

  public native int outside();

  @Override
  public double area() {
    return 0;
  }

  /** Below another. */
  public static class Below extends Subject {
    public int own() {
      return 1;
    }
  }
}
