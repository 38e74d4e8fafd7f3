package org.isocentre.model;

import java.util.UUID;

/** Event: an order is new or says something else than before. */
public record OrderChanged(UUID orderId) {}
