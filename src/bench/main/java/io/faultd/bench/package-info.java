/** Measurements: of the journal, of a running daemon under load, and of its start. */
@NullMarked
package io.faultd.bench;

import org.jspecify.annotations.NullMarked;
