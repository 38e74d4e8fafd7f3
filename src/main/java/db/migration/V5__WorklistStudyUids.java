package db.migration;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.isocentre.index.OrderIndex;

/** Gives orders that were there before the Study Instance UID that a worklist shows for them. */
public class V5__WorklistStudyUids extends BaseJavaMigration {
  private static final int BATCH = 1000;

  @Override
  public void migrate(Context context) throws SQLException {
    Connection connection = context.getConnection();
    try (PreparedStatement ids =
            connection.prepareStatement(
                "select id from imaging_order where study_instance_uid is null");
        PreparedStatement update =
            connection.prepareStatement(
                "update imaging_order set worklist_study_uid = ? where id = ?")) {
      ids.setFetchSize(BATCH);
      try (ResultSet rows = ids.executeQuery()) {
        int waiting = 0;
        while (rows.next()) {
          UUID id = rows.getObject(1, UUID.class);
          update.setString(1, OrderIndex.worklistStudyUid(id));
          update.setObject(2, id);
          update.addBatch();
          if (++waiting % BATCH == 0) {
            update.executeBatch();
          }
        }
        update.executeBatch();
      }
    }
  }
}
