-- Who read a study (0008,1060), why it was asked for (0040,1002), and what an object is called (0070,0080) and the like.
alter table study add column reading_physician varchar(400);
alter table study add column reason varchar(400);
alter table instance add column title varchar(200);
