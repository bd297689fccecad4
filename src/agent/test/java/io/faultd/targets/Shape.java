package io.faultd.targets;

/** An interface with methods of both kinds. */
public interface Shape {
  double area();

  default String name() {
    return "shape";
  }

  /** Comes late. */
  final class Circle implements Shape {
    @Override
    public double area() {
      return 3;
    }
  }

  /** Comes late, below another that comes late. */
  class Square implements Shape {
    @Override
    public double area() {
      return 4;
    }

    /** The lowest. */
    public static final class Tile extends Square {
      @Override
      public double area() {
        return 1;
      }
    }
  }

  /** Comes late itself, with what implements it. */
  interface Solid {
    double volume();

    /** The first. */
    final class Cube implements Solid {
      @Override
      public double volume() {
        return 1;
      }
    }
  }
}
