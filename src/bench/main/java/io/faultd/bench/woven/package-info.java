/** Java 17: it runs in JVMs of that version, too. */
@NullMarked
package io.faultd.bench.woven;

import org.jspecify.annotations.NullMarked;
