/** Any method, by class and name; and load from inside of the JVM. */
@NullMarked
package io.faultd.agent.library.jvm;

import org.jspecify.annotations.NullMarked;
