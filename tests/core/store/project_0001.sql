BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE journal (
	revision INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	target INTEGER, 
	who TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	seconds DOUBLE, 
	label TEXT NOT NULL, 
	CONSTRAINT pk_journal PRIMARY KEY (revision), 
	CONSTRAINT fk_journal_target FOREIGN KEY(target) REFERENCES journal (revision)
);
INSERT INTO "journal" VALUES(1,'2026-11-25T18:28:55.932Z','do',NULL,'Anna','job',NULL,'Import');
INSERT INTO "journal" VALUES(2,'2026-11-25T18:28:55.956Z','do',NULL,'Anna','user',NULL,'Reconcile');
INSERT INTO "journal" VALUES(3,'2026-11-25T18:28:55.961Z','do',NULL,'Anna','user',2.0,'Accept');
CREATE TABLE journal_edits (
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	pair_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	decision TEXT, 
	"before" TEXT, 
	"after" TEXT, 
	CONSTRAINT pk_journal_edits PRIMARY KEY (revision, position), 
	CONSTRAINT fk_journal_edits_revision FOREIGN KEY(revision) REFERENCES journal (revision)
);
INSERT INTO "journal_edits" VALUES(1,0,1,'add_pair',NULL,NULL,'{"id":1,"name":"pair 0","original":{"path":"/photos/rex.jpg","sha256":"0000000000000000000000000000000000000000000000000000000000000000","width":60,"height":40},"designer":{"path":"/photos/rex.jpg","sha256":"0000000000000000000000000000000000000000000000000000000000000000","width":60,"height":40},"reconciliation":null,"review":{"decision":"undecided","reason":null,"comment":"","quality":null},"revision":1}');
INSERT INTO "journal_edits" VALUES(1,1,2,'add_pair',NULL,NULL,'{"id":2,"name":"pair 1","original":{"path":"/photos/rex.jpg","sha256":"0000000000000000000000000000000000000000000000000000000000000000","width":60,"height":40},"designer":{"path":"/photos/rex.jpg","sha256":"0000000000000000000000000000000000000000000000000000000000000000","width":60,"height":40},"reconciliation":null,"review":{"decision":"undecided","reason":null,"comment":"","quality":null},"revision":1}');
INSERT INTO "journal_edits" VALUES(2,0,1,'set_reconciliation',NULL,NULL,'{"method":"pawtrait","placement":{"scale":1.0,"rotation_deg":2.0,"mirrored":false,"tx":3.0,"ty":4.0},"confidence":0.75,"reason":"One clear peak.","seconds":1.5,"mask":{"sha256":"48bf9b4f142ab45cac6f33cf99415bca6ca8e07608a031237aa76560fec2204b","width":60,"height":40},"run_id":1}');
INSERT INTO "journal_edits" VALUES(3,0,1,'set_review','accepted','{"decision":"undecided","reason":null,"comment":"","quality":null}','{"decision":"accepted","reason":null,"comment":"","quality":null}');
CREATE TABLE pairs (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	search_key TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	original_path TEXT NOT NULL, 
	original_sha256 TEXT NOT NULL, 
	original_width INTEGER NOT NULL, 
	original_height INTEGER NOT NULL, 
	designer_path TEXT, 
	designer_sha256 TEXT, 
	designer_width INTEGER, 
	designer_height INTEGER, 
	method TEXT, 
	scale DOUBLE, 
	rotation_deg DOUBLE, 
	mirrored BOOLEAN, 
	tx DOUBLE, 
	ty DOUBLE, 
	confidence DOUBLE, 
	confidence_reason TEXT, 
	seconds DOUBLE, 
	mask_sha256 TEXT, 
	mask_width INTEGER, 
	mask_height INTEGER, 
	run_id INTEGER, 
	sureness DOUBLE NOT NULL, 
	decision TEXT NOT NULL, 
	reject_reason TEXT, 
	comment TEXT NOT NULL, 
	quality INTEGER, 
	CONSTRAINT pk_pairs PRIMARY KEY (id), 
	CONSTRAINT uq_pairs_name UNIQUE (name)
);
INSERT INTO "pairs" VALUES(1,'pair 0','pair 0',3,'/photos/rex.jpg','0000000000000000000000000000000000000000000000000000000000000000',60,40,'/photos/rex.jpg','0000000000000000000000000000000000000000000000000000000000000000',60,40,'pawtrait',1.0,2.0,0,3.0,4.0,0.75,'One clear peak.',1.5,'48bf9b4f142ab45cac6f33cf99415bca6ca8e07608a031237aa76560fec2204b',60,40,1,0.75,'accepted',NULL,'',NULL);
INSERT INTO "pairs" VALUES(2,'pair 1','pair 1',1,'/photos/rex.jpg','0000000000000000000000000000000000000000000000000000000000000000',60,40,'/photos/rex.jpg','0000000000000000000000000000000000000000000000000000000000000000',60,40,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-2.0,'undecided',NULL,'',NULL);
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	method TEXT NOT NULL, 
	options TEXT NOT NULL, 
	who TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	finished_at TEXT, 
	outcome TEXT NOT NULL, 
	pairs_done INTEGER NOT NULL, 
	failures TEXT NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES(1,'reconcile','pawtrait','{}','Anna','2026-11-25T18:28:55.953Z','2026-11-25T18:28:55.958Z','done',1,'[]');
CREATE TABLE write_lock (
	id INTEGER NOT NULL, 
	token TEXT NOT NULL, 
	who TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	since TEXT NOT NULL, 
	beat_at DOUBLE NOT NULL, 
	CONSTRAINT pk_write_lock PRIMARY KEY (id)
);
CREATE INDEX ix_pairs_by_sureness ON pairs (sureness, search_key, id, decision);
CREATE INDEX ix_pairs_by_name ON pairs (search_key, id, decision, sureness);
CREATE INDEX ix_journal_edits_pair_id ON journal_edits (pair_id, revision);
COMMIT;
