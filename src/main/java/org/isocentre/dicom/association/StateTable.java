package org.isocentre.dicom.association;

import java.util.EnumMap;
import java.util.Map;

/**
 * The state machine of the DICOM Upper Layer as a table (PS3.8 §9.2.3, Table 9-10). Names are the
 * standard's own.
 */
final class StateTable {
  /** PS3.8 Table 9-10, left column. */
  enum Event {
    ASSOCIATE_REQUEST,
    TRANSPORT_CONFIRMED,
    ASSOCIATE_AC_PDU,
    ASSOCIATE_RJ_PDU,
    TRANSPORT_INDICATION,
    ASSOCIATE_RQ_PDU,
    ASSOCIATE_ACCEPT,
    ASSOCIATE_REJECT,
    P_DATA_REQUEST,
    P_DATA_TF_PDU,
    RELEASE_REQUEST,
    RELEASE_RQ_PDU,
    RELEASE_RP_PDU,
    RELEASE_RESPONSE,
    ABORT_REQUEST,
    ABORT_PDU,
    TRANSPORT_CLOSED,
    ARTIM_EXPIRED,
    UNRECOGNIZED_PDU
  }

  /** PS3.8 Tables 9-1 to 9-5. */
  enum State {
    STA1,
    STA2,
    STA3,
    STA4,
    STA5,
    STA6,
    STA7,
    STA8,
    STA9,
    STA10,
    STA11,
    STA12,
    STA13
  }

  /** PS3.8 Tables 9-6 to 9-9. */
  enum Action {
    AE1,
    AE2,
    AE3,
    AE4,
    AE5,
    AE6,
    AE7,
    AE8,
    DT1,
    DT2,
    AR1,
    AR2,
    AR3,
    AR4,
    AR5,
    AR6,
    AR7,
    AR8,
    AR9,
    AR10,
    AA1,
    AA2,
    AA3,
    AA4,
    AA5,
    AA6,
    AA7,
    AA8
  }

  /** A row an event, a column a state; {@code -} where the standard has no entry. */
  private static final String[] TABLE = {
    //      Sta1 Sta2 Sta3 Sta4 Sta5 Sta6 Sta7 Sta8 Sta9 S10  S11  S12  S13
    /* 1 */ "AE1  -    -    -    -    -    -    -    -    -    -    -    -",
    /* 2 */ "-    -    -    AE2  -    -    -    -    -    -    -    -    -",
    /* 3 */ "-    AA1  AA8  -    AE3  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA6",
    /* 4 */ "-    AA1  AA8  -    AE4  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA6",
    /* 5 */ "AE5  -    -    -    -    -    -    -    -    -    -    -    -",
    /* 6 */ "-    AE6  AA8  -    AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA7",
    /* 7 */ "-    -    AE7  -    -    -    -    -    -    -    -    -    -",
    /* 8 */ "-    -    AE8  -    -    -    -    -    -    -    -    -    -",
    /* 9 */ "-    -    -    -    -    DT1  -    AR7  -    -    -    -    -",
    /* 10 */ "-    AA1  AA8  -    AA8  DT2  AR6  AA8  AA8  AA8  AA8  AA8  AA6",
    /* 11 */ "-    -    -    -    -    AR1  -    -    -    -    -    -    -",
    /* 12 */ "-    AA1  AA8  -    AA8  AR2  AR8  AA8  AA8  AA8  AA8  AA8  AA6",
    /* 13 */ "-    AA1  AA8  -    AA8  AA8  AR3  AA8  AA8  AR10 AR3  AA8  AA6",
    /* 14 */ "-    -    -    -    -    -    -    AR4  AR9  -    -    AR4  -",
    /* 15 */ "-    -    AA1  AA2  AA1  AA1  AA1  AA1  AA1  AA1  AA1  AA1  -",
    /* 16 */ "-    AA2  AA3  -    AA3  AA3  AA3  AA3  AA3  AA3  AA3  AA3  AA2",
    /* 17 */ "-    AA5  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AR5",
    /* 18 */ "-    AA2  -    -    -    -    -    -    -    -    -    -    AA2",
    /* 19 */ "-    AA1  AA8  -    AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA7",
  };

  private static final Map<Event, Map<State, Action>> CELLS = new EnumMap<>(Event.class);

  static {
    for (Event event : Event.values()) {
      String[] row = TABLE[event.ordinal()].split(" +");
      Map<State, Action> cells = new EnumMap<>(State.class);
      for (State state : State.values()) {
        if (!row[state.ordinal()].equals("-")) {
          cells.put(state, Action.valueOf(row[state.ordinal()]));
        }
      }
      CELLS.put(event, cells);
    }
  }

  private StateTable() {}

  /**
   * What to do, or null where the standard has no entry: the event cannot happen or means nothing
   * in this state.
   */
  static Action action(Event event, State state) {
    return CELLS.get(event).get(state);
  }

  /**
   * The state after an action. AE-6 and AR-8 have two (PS3.8 Tables 9-6, 9-8).
   *
   * @param state before
   * @param alternative for AE-6 whether the request is refused by the provider; for AR-8 whether
   *     this end is the acceptor
   */
  static State next(Action action, State state, boolean alternative) {
    return switch (action) {
      case AE1 -> State.STA4;
      case AE2 -> State.STA5;
      case AE3, AE7 -> State.STA6;
      case AE5 -> State.STA2;
      case AE6 -> alternative ? State.STA13 : State.STA3;
      case DT1, DT2 -> State.STA6;
      case AR1, AR6 -> State.STA7;
      case AR2, AR7 -> State.STA8;
      case AR8 -> alternative ? State.STA10 : State.STA9;
      case AR9 -> State.STA11;
      case AR10 -> State.STA12;
      case AE8, AR4, AA1, AA6, AA7, AA8 -> State.STA13;
      case AE4, AR3, AR5, AA2, AA3, AA4, AA5 -> State.STA1;
    };
  }
}
