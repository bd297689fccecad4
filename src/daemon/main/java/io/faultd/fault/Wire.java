package io.faultd.fault;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name under which a record is kept on disk. Both are for ever: components may be added (absent
 * ones read as null, 0 or false) but never renamed, and a new meaning needs a new version.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Wire {
  /** The kind; not the class name, so that classes can move. */
  String kind();

  /** Counts changes of meaning, from 1. */
  int version();
}
