/** Running JVMs: found, attached to, spoken with, and broken from inside. */
@NullMarked
package io.faultd.jvm;

import org.jspecify.annotations.NullMarked;
