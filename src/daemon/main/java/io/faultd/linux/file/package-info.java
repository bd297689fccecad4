/** Files by descriptor and handle: what java.nio cannot say. */
@NullMarked
package io.faultd.linux.file;

import org.jspecify.annotations.NullMarked;
