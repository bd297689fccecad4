/** Faults on files and folders. */
@NullMarked
package io.faultd.os.file;

import org.jspecify.annotations.NullMarked;
