package db.migration;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.isocentre.index.Folding;

/**
 * Fills the folded names of rows that were there before. In Java, because H2 cannot decompose
 * Unicode; and PostgreSQL keeps the folded columns in the order of code points, which is what a
 * search by the beginning of a name needs.
 */
public class V3__FoldNames extends BaseJavaMigration {
  private static final int BATCH = 1000;

  @Override
  public void migrate(Context context) throws SQLException {
    Connection connection = context.getConnection();
    fill(connection, "study", "patient_name");
    fill(connection, "study", "referring_physician");
    fill(connection, "series", "performing_physician");
    try (Statement statement = connection.createStatement()) {
      if (connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
        statement.execute(
            "alter table study alter column patient_name_folded type varchar(400) collate \"C\"");
      }
      statement.execute("create index study_patient_name_folded on study (patient_name_folded)");
    }
  }

  private static void fill(Connection connection, String table, String column) throws SQLException {
    try (PreparedStatement names =
            connection.prepareStatement(
                "select id, " + column + " from " + table + " where " + column + " is not null");
        PreparedStatement update =
            connection.prepareStatement(
                "update " + table + " set " + column + "_folded = ? where id = ?")) {
      names.setFetchSize(BATCH);
      try (ResultSet rows = names.executeQuery()) {
        int waiting = 0;
        while (rows.next()) {
          update.setString(1, Folding.name(rows.getString(2)));
          update.setObject(2, rows.getObject(1, UUID.class));
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
