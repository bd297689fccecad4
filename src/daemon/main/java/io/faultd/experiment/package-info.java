/** The life of an experiment: record, owner, deadline, events; owns the store's interface. */
@NullMarked
package io.faultd.experiment;

import org.jspecify.annotations.NullMarked;
