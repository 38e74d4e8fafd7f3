/**
 * What the embedded database lacks: commits that are whole and on the disk, whenever the process or
 * the power dies.
 *
 * <p>H2 writes its file as a series of snapshots. It takes the root of one table or index after
 * another, while other sessions go on writing: a snapshot may have a row without its index entry,
 * half of a committed transaction, or a change without the note that would undo it. The next
 * snapshot, moments later, mends that. A process that is killed in between leaves a file with rows
 * that nobody can update any more. And H2 leaves it to the system when the file reaches the disk.
 *
 * <p>Here snapshots are taken by one thread at a time, in a moment in which no statement that
 * writes is under way ({@link org.isocentre.h2.WriteGate}), and are forced to the disk before the
 * commits that they hold are reported ({@link org.isocentre.h2.Checkpoints}): all commits of a
 * moment share one.
 */
package org.isocentre.h2;
