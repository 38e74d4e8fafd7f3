package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * Something that subscribers of a topic are told of.
 *
 * @param cause what it came of: the same change, told again, is the same event
 * @param focusId of the resource that it is about
 */
public record SubscriptionEvent(
    UUID id, String cause, SubscriptionTopic topic, UUID focusId, Instant at) {}
