package org.isocentre.index;

import java.util.List;
import java.util.Set;

/**
 * One condition of a search over resources; a search's conditions are joined by AND, the values of
 * a condition by OR. Fields are those of {@link SearchTables}.
 */
public sealed interface Criterion {
  /**
   * A field that is one of these; without a value, nothing is found.
   *
   * @param not rows that are none of these, those without a value included
   */
  record OneOf(String field, Set<String> values, boolean not) implements Criterion {
    public OneOf {
      values = Set.copyOf(values);
    }
  }

  /**
   * A field that leads to one of these resources.
   *
   * @param ids ids as the index has them; those that are none match nothing
   */
  record LeadsTo(String field, Set<String> ids) implements Criterion {
    public LeadsTo {
      ids = Set.copyOf(ids);
    }
  }

  /** A number of the resource, of any of these. */
  record Numbered(String field, List<Number> numbers, boolean not) implements Criterion {
    public Numbered {
      numbers = List.copyOf(numbers);
    }
  }

  /** A time, within any of these. */
  record During(String field, List<Times> any) implements Criterion {
    public During {
      any = List.copyOf(any);
    }
  }

  /** Text, or the words of a code, by any of these. */
  record Says(String field, List<String> any, Match match) implements Criterion {
    public Says {
      any = List.copyOf(any);
    }
  }

  /** Whether there is a value at all. */
  record Missing(String field, boolean missing) implements Criterion {}

  /**
   * A field that leads to a resource that the caller may see and that meets all of these.
   *
   * @param target type of that resource
   */
  record Through(String field, String target, List<Criterion> all) implements Criterion {
    public Through {
      all = List.copyOf(all);
    }
  }

  /**
   * A resource of another type that the caller may see, that leads here by its field, and that
   * meets all of these.
   */
  record LedToBy(String type, String field, List<Criterion> all) implements Criterion {
    public LedToBy {
      all = List.copyOf(all);
    }
  }

  /** What a number counts. */
  enum Numbering {
    STUDY_INSTANCE_UID,
    ACCESSION,
    PLACER,
    FILLER,
    DOCUMENT,
    UBRN,
    APPOINTMENT,
    APPOINTMENT_REQUEST,
    /** Number of the General Medical Council. */
    GMC,
    /** User of the Spine Directory Service. */
    SDS,
    /** A trust's own code of a clinician. */
    CLINICIAN,
    /** NHS number. */
    NHS,
    /** A trust's own number of a patient. */
    LOCAL
  }

  /**
   * @param numbering or null for any
   * @param issuer ODS code, or null for any
   * @param value or null for any number of that kind and issuer
   */
  record Number(Numbering numbering, String issuer, String value) {
    @Override
    public String toString() {
      return "Number[" + numbering + ", " + issuer + ", …]";
    }
  }

  /** How text compares. Case and accents count in {@link #EXACT} alone. */
  enum Match {
    STARTS_WITH,
    CONTAINS,
    EXACT
  }

  /**
   * @param outside what is not within {@code range}, and has a time
   */
  record Times(TimeRange range, boolean outside) {}
}
