/**
 * What woven code of a target JVM calls: on the bootstrap loader, in a {@code java.*} package
 * because some class loaders (OSGi, JBoss Modules) give their classes nothing else; java.lang
 * alone.
 */
@NullMarked
package java.faultd;

import org.jspecify.annotations.NullMarked;
