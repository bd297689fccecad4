/**
 * Measurements: of the journal, of a running daemon under load, of its start, and of what it does
 * in JVMs.
 */
@NullMarked
package io.faultd.bench;

import org.jspecify.annotations.NullMarked;
