package org.isocentre.fhir.search;

import java.time.Duration;

/**
 * What one search may ask for.
 *
 * @param page resources a page where the caller does not say
 * @param maxPage resources a page at most
 * @param maxParameters conditions of one search
 * @param maxValues values of one condition
 * @param maxChain references that one condition may lead through
 * @param maxIncluded resources that are sent along with a page
 * @param pageLife how long the link to a next page can be used
 */
public record SearchLimits(
    int page,
    int maxPage,
    int maxParameters,
    int maxValues,
    int maxChain,
    int maxIncluded,
    Duration pageLife) {}
