// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/localstore.h"

#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <thread>

using namespace tidemark;

namespace {

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

void overwrite(const QString &path, qint64 offset, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(offset));
    QCOMPARE(file.write(bytes), bytes.size());
}

void setVersion(const QString &path, int version)
{
    SQLite::Database database(path.toStdString(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA user_version = " + std::to_string(version));
}

QString pragma(const LocalStore &store, const char *name)
{
    QString value;
    const Status done = store.read([&](SQLite::Database &db) {
        Statement row(db, std::string("PRAGMA ") + name);
        if (row.next())
            value = row.text(0);
    });
    return done ? value : done.error().summary();
}

constexpr auto ownerFile = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadUser
                           | QFileDevice::WriteUser;

} // namespace

class TstLocalStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void aNewStoreIsTheUsersAlone();
    void theLogAndSharedMemoryAreTheUsersAloneToo();
    void aStoreLivesInWalWithForeignKeysOn();
    void whatWasWrittenIsThereNextTime();
    void everyTableIsStrict();
    void aNewerFileIsRefusedAndLeftAlone();
    void aNewerFileWhoseVersionIsInTheLogOnlyIsRefused();
    void aDamagedFileIsRefusedAndLeftAlone_data();
    void aDamagedFileIsRefusedAndLeftAlone();
    void aFileOfAnotherProgramIsRefusedAndLeftAlone();
    void aFolderThatCannotBeMadeIsAnError();
    void stepsThatAreMissingAreTakenInOrder();
    void aStepThatFailsLeavesTheVersionBefore();
    void aWriteThatThrowsLeavesNothing();
    void aReaderCannotWrite();
    void twoProgramsMayMakeTheStoreAtOnce();
    void aBusyStoreIsWaitedForAndThenReported();
    void aDeletedFileIsMadeAnew();
    void aStoreThatCannotBeOpenedIsAwaited();
    void aStoreHeldByAnotherIsWaitedForOnce();
    void aReaderDoesNotWaitForAWriter();
    void theEnvironmentNamesTheFile();

private:
    [[nodiscard]] QString path(const QString &name = QStringLiteral("tidemark/tidemark.sqlite")) const
    {
        return m_folder->filePath(name);
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TstLocalStore::aNewStoreIsTheUsersAlone()
{
    QVERIFY(LocalStore::open(path()));
    QCOMPARE(QFileInfo(path()).permissions(), QFileDevice::Permissions(ownerFile));
    QCOMPARE(QFileInfo(m_folder->filePath(QStringLiteral("tidemark"))).permissions(),
             QFileDevice::Permissions(ownerFile | QFileDevice::ExeOwner | QFileDevice::ExeUser));
}

void TstLocalStore::theLogAndSharedMemoryAreTheUsersAloneToo()
{
    const auto store = LocalStore::open(path()).value();
    for (const char *suffix : {"-wal", "-shm"})
        QCOMPARE(QFileInfo(path() + QLatin1String(suffix)).permissions(), QFileDevice::Permissions(ownerFile));
}

void TstLocalStore::aStoreLivesInWalWithForeignKeysOn()
{
    const auto store = LocalStore::open(path()).value();
    QCOMPARE(pragma(*store, "journal_mode"), QStringLiteral("wal"));
    QCOMPARE(pragma(*store, "foreign_keys"), QStringLiteral("1"));
    QCOMPARE(pragma(*store, "synchronous"), QStringLiteral("1"));
    const Status orphan = store->write(
        [](SQLite::Database &db) { db.exec("INSERT INTO database (server_id, name) VALUES (99, 'x')"); });
    QVERIFY(!orphan);
    QCOMPARE(orphan.error().kind, ErrorKind::Constraint);
}

void TstLocalStore::whatWasWrittenIsThereNextTime()
{
    QVERIFY(LocalStore::open(path()).value()->write(
        [](SQLite::Database &db) { db.exec("INSERT INTO server VALUES (1, 'seven')"); }));
    const auto store = LocalStore::open(path()).value();
    QString found;
    QVERIFY(store->read([&](SQLite::Database &db) {
        Statement row(db, "SELECT system_identifier FROM server");
        found = row.next() ? row.text(0) : QString();
    }));
    QCOMPARE(found, QStringLiteral("seven"));
}

void TstLocalStore::everyTableIsStrict()
{
    const auto store = LocalStore::inMemory().value();
    QStringList loose;
    QVERIFY(store->read([&](SQLite::Database &db) {
        Statement rows(
            db, "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'");
        while (rows.next())
            loose << rows.text(0);
    }));
    QCOMPARE(loose, QStringList());
}

void TstLocalStore::aNewerFileIsRefusedAndLeftAlone()
{
    QVERIFY(LocalStore::open(path()));
    const int newer = schemaSteps().back().version + 1;
    setVersion(path(), newer);
    const QByteArray before = contentOf(path());
    const auto store = LocalStore::open(path());
    QVERIFY(!store);
    QCOMPARE(store.error().kind, ErrorKind::Local);
    QVERIFY2(store.error().message.contains(path()), qPrintable(store.error().message));
    QVERIFY(store.error().message.contains(QString::number(newer)));
    QVERIFY(store.error().hint.contains(QLatin1String("TIDEMARK_STORE")));
    QCOMPARE(contentOf(path()), before);
}

void TstLocalStore::aNewerFileWhoseVersionIsInTheLogOnlyIsRefused()
{
    const auto running = LocalStore::open(path()).value();
    QVERIFY(running->write([](SQLite::Database &db) {
        db.exec("PRAGMA user_version = " + std::to_string(schemaSteps().back().version + 1));
    }));
    const QByteArray before = contentOf(path());
    const auto store = LocalStore::open(path());
    QVERIFY(!store);
    QVERIFY(store.error().message.contains(QLatin1String("newer")));
    QCOMPARE(contentOf(path()), before);
}

void TstLocalStore::aDamagedFileIsRefusedAndLeftAlone_data()
{
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<qint64>("size");
    QTest::newRow("no header") << qint64(0) << QByteArray(100, 'x') << qint64(0);
    QTest::newRow("a schema that is noise") << qint64(100) << QByteArray(3900, '\x5a') << qint64(0);
    QTest::newRow("cut short") << qint64(0) << QByteArray() << qint64(8192);
    QTest::newRow("cut within the header") << qint64(0) << QByteArray() << qint64(60);
}

void TstLocalStore::aDamagedFileIsRefusedAndLeftAlone()
{
    QFETCH(qint64, offset);
    QFETCH(QByteArray, bytes);
    QFETCH(qint64, size);
    QVERIFY(LocalStore::open(path()));
    overwrite(path(), offset, bytes);
    if (size > 0)
        QVERIFY(QFile::resize(path(), size));
    const QByteArray before = contentOf(path());
    const auto store = LocalStore::open(path());
    QVERIFY(!store);
    QVERIFY2(store.error().message.contains(path()), qPrintable(store.error().message));
    QVERIFY2(store.error().hint.contains(QLatin1String("TIDEMARK_STORE")), qPrintable(store.error().hint));
    QCOMPARE(contentOf(path()), before);
}

void TstLocalStore::aFileOfAnotherProgramIsRefusedAndLeftAlone()
{
    const QString other = path(QStringLiteral("bookmarks.sqlite"));
    SQLite::Database(other.toStdString(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE bookmark (url TEXT)");
    const QByteArray before = contentOf(other);
    const auto store = LocalStore::open(other);
    QVERIFY(!store);
    QVERIFY2(store.error().message.contains(QLatin1String("no local store")), qPrintable(store.error().message));
    QCOMPARE(contentOf(other), before);
}

void TstLocalStore::aFolderThatCannotBeMadeIsAnError()
{
    QFile file(path(QStringLiteral("file")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto store = LocalStore::open(path(QStringLiteral("file/below/tidemark.sqlite")));
    QVERIFY(!store);
    QVERIFY(store.error().message.contains(QLatin1String("file/below")));
}

void TstLocalStore::stepsThatAreMissingAreTakenInOrder()
{
    SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
    const std::array first{SchemaStep{1, "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)"}};
    const std::array both{first[0], SchemaStep{2, "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1"}};
    upgradeSchema(database, first);
    upgradeSchema(database, both);
    upgradeSchema(database, both);
    QCOMPARE(database.execAndGet("PRAGMA user_version").getInt(), 2);
    QCOMPARE(database.execAndGet("SELECT y FROM a").getInt(), 2);
}

void TstLocalStore::aStepThatFailsLeavesTheVersionBefore()
{
    SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
    const std::array steps{SchemaStep{1, "CREATE TABLE a (x INTEGER) STRICT"},
                           SchemaStep{2, "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)"}};
    QVERIFY_THROWS_EXCEPTION(SQLite::Exception, upgradeSchema(database, steps));
    QCOMPARE(database.execAndGet("PRAGMA user_version").getInt(), 1);
    QVERIFY(!database.tableExists("b"));
}

void TstLocalStore::aWriteThatThrowsLeavesNothing()
{
    const auto store = LocalStore::inMemory().value();
    const Status done = store->write([](SQLite::Database &db) {
        db.exec("INSERT INTO server VALUES (1, 'seven')");
        db.exec("INSERT INTO server VALUES (1, 'eight')");
    });
    QVERIFY(!done);
    int rows = -1;
    QVERIFY(store->read([&](SQLite::Database &db) { rows = db.execAndGet("SELECT count(*) FROM server").getInt(); }));
    QCOMPARE(rows, 0);
}

void TstLocalStore::aReaderCannotWrite()
{
    const auto store = LocalStore::open(path()).value();
    QVERIFY(!store->read([](SQLite::Database &db) { db.exec("INSERT INTO server VALUES (1, 'seven')"); }));
}

void TstLocalStore::twoProgramsMayMakeTheStoreAtOnce()
{
    for (int round = 0; round < 10; ++round) {
        const QString file = path(QStringLiteral("round%1/tidemark.sqlite").arg(round));
        std::array<QString, 4> errors;
        std::vector<std::thread> programs;
        for (QString &error : errors) {
            programs.emplace_back([&file, &error] {
                const auto store = LocalStore::open(file);
                if (!store)
                    error = store.error().summary();
            });
        }
        for (std::thread &program : programs)
            program.join();
        for (const QString &error : errors)
            QCOMPARE(error, QString());
    }
}

void TstLocalStore::aBusyStoreIsWaitedForAndThenReported()
{
    const auto store = LocalStore::open(path()).value();
    SQLite::Database other(path().toStdString(), SQLite::OPEN_READWRITE);
    const auto insert = [](SQLite::Database &db) {
        db.exec("INSERT INTO server (system_identifier) VALUES ('seven')");
    };

    other.exec("BEGIN IMMEDIATE");
    std::thread release([&] {
        QTest::qSleep(300);
        other.exec("COMMIT");
    });
    const Status waited = store->write(insert);
    release.join();
    QVERIFY(waited);

    other.exec("BEGIN IMMEDIATE");
    const Status refused = store->write(insert);
    other.exec("ROLLBACK");
    QVERIFY(!refused);
    QVERIFY(refused.error().retryable);
    QVERIFY(refused.error().message.contains(path()));
}

void TstLocalStore::aDeletedFileIsMadeAnew()
{
    const auto store = LocalStore::open(path()).value();
    const auto insert = [](SQLite::Database &db) {
        db.exec("INSERT INTO server (system_identifier) VALUES ('seven')");
    };
    QVERIFY(store->write(insert));
    QCOMPARE(store->opened(), 1);
    QVERIFY(QFile::remove(path()));
    QVERIFY(store->write(insert));
    QCOMPARE(store->opened(), 2);
    QVERIFY(!store->trouble());
    const auto again = LocalStore::open(path());
    QVERIFY(again);
    int rows = 0;
    QVERIFY(
        (*again)->read([&](SQLite::Database &db) { rows = db.execAndGet("SELECT count(*) FROM server").getInt(); }));
    QCOMPARE(rows, 1);

    // With its folder, which nothing can be made in for now.
    const QString folder = QFileInfo(path()).absolutePath();
    QVERIFY(QDir(folder).removeRecursively());
    QFile inTheWay(folder);
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    QVERIFY(!store->write(insert));
    QVERIFY(store->trouble());
    QVERIFY2(store->trouble()->message.contains(path()) || store->trouble()->message.contains(folder),
             qPrintable(store->trouble()->message));
    QVERIFY(!store->trouble()->hint.isEmpty());
    QVERIFY(inTheWay.remove());
    QTRY_VERIFY_WITH_TIMEOUT(store->write([](SQLite::Database &) {}), 10'000);
    QCOMPARE(store->opened(), 3);
    QVERIFY(!store->trouble());
}

void TstLocalStore::aStoreThatCannotBeOpenedIsAwaited()
{
    QVERIFY(QDir().mkpath(QFileInfo(path()).absolutePath()));
    QFile damaged(path());
    QVERIFY(damaged.open(QIODevice::WriteOnly));
    damaged.write(QByteArray(200, 'x'));
    damaged.close();
    const auto refused = LocalStore::open(path());
    QVERIFY(!refused);
    const auto store = LocalStore::awaiting(path(), refused.error());
    const auto nothing = [](SQLite::Database &) {};
    QCOMPARE(store->opened(), 0);
    QVERIFY(store->trouble());
    QCOMPARE(store->read(nothing).error().message, refused.error().message);
    QVERIFY(damaged.remove());
    QTRY_VERIFY_WITH_TIMEOUT(store->write(nothing), 10'000);
    QCOMPARE(store->opened(), 1);
    QVERIFY(!store->trouble());
}

void TstLocalStore::aStoreHeldByAnotherIsWaitedForOnce()
{
    const auto store = LocalStore::open(path()).value();
    SQLite::Database other(path().toStdString(), SQLite::OPEN_READWRITE);
    const auto nothing = [](SQLite::Database &) {};
    other.exec("BEGIN IMMEDIATE");
    QVERIFY(!store->write(nothing));
    QVERIFY(store->trouble());
    QElapsedTimer taken;
    taken.start();
    for (int i = 0; i < 20; ++i)
        QVERIFY(!store->write(nothing));
    QVERIFY2(taken.elapsed() < 1'000, qPrintable(QString::number(taken.elapsed())));
    other.exec("ROLLBACK");
    QVERIFY(store->write(nothing)); // at once, while trouble() still stands
    QVERIFY(store->trouble());
    QTRY_VERIFY_WITH_TIMEOUT(store->write(nothing) && !store->trouble(), 10'000);
}

void TstLocalStore::aReaderDoesNotWaitForAWriter()
{
    const auto store = LocalStore::open(path()).value();
    int rowsSeenMeanwhile = -1;
    QVERIFY(store->write([&](SQLite::Database &db) {
        db.exec("INSERT INTO server VALUES (1, 'seven')");
        std::thread reader([&] {
            const Status done = store->read([&](SQLite::Database &reading) {
                rowsSeenMeanwhile = reading.execAndGet("SELECT count(*) FROM server").getInt();
            });
            if (!done)
                rowsSeenMeanwhile = -2;
        });
        reader.join();
    }));
    QCOMPARE(rowsSeenMeanwhile, 0);
}

void TstLocalStore::theEnvironmentNamesTheFile()
{
    const QByteArray before = qgetenv("TIDEMARK_STORE");
    qputenv("TIDEMARK_STORE", "/somewhere/else.sqlite");
    QCOMPARE(LocalStore::defaultPath(), QStringLiteral("/somewhere/else.sqlite"));
    qunsetenv("TIDEMARK_STORE");
    QVERIFY(LocalStore::defaultPath().endsWith(QLatin1String("/tidemark/tidemark.sqlite")));
    qputenv("TIDEMARK_STORE", before);
}

QTEST_GUILESS_MAIN(TstLocalStore)
#include "tst_localstore.moc"
