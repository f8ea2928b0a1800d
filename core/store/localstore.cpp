// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/localstore.h"

#include "core/base/log.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <QThread>
#include <QtEndian>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark {

namespace {

constexpr int busyTimeoutMs = 2000;
constexpr std::chrono::seconds triedAgainAfter{5};
constexpr std::pair<quint64, quint64> noFile{0, 0};
constexpr auto ownerFile = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
constexpr auto ownerFolder = ownerFile | QFileDevice::ExeOwner;

Error asError(const SQLite::Exception &exception, const QString &path)
{
    const QString reason = QString::fromUtf8(exception.what());
    Error error = Error::local(QStringLiteral("the local store %1: %2").arg(path, reason));
    switch (exception.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error.retryable = true;
        error.hint = QStringLiteral(
            "Another program holds the file; close it, or let TIDEMARK_STORE name another file.");
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        error.message = QStringLiteral("the local store %1 is damaged: %2").arg(path, reason);
        error.hint = QStringLiteral(
            "Move the file away, with its -wal and -shm beside it, and start again: a new store is made. "
            "sqlite3 .recover may save its rows; TIDEMARK_STORE names another file.");
        break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        error.hint = QStringLiteral(
            "See whether the disk is full or failing, or a limit of file sizes is reached (ulimit -f); "
            "TIDEMARK_STORE names another file.");
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        error.hint = QStringLiteral(
            "See whether the file and its folder are yours to write; TIDEMARK_STORE names another file.");
        break;
    case SQLITE_CONSTRAINT:
        error.kind = ErrorKind::Constraint;
        break;
    default:
        break;
    }
    return error;
}

Error newerFile(const QString &path, int version)
{
    return Error::local(
        QStringLiteral("the local store %1 was written by a newer Tidemark (version %2, this one knows %3)")
            .arg(path)
            .arg(version)
            .arg(schemaSteps().back().version),
        QStringLiteral("Upgrade Tidemark, or let TIDEMARK_STORE name another file. The file was left as it is."));
}

Error foreignFile(const QString &path)
{
    return Error::local(
        QStringLiteral("%1 is no local store of Tidemark").arg(path),
        QStringLiteral("Move the file away, or let TIDEMARK_STORE name another. The file was left as it is."));
}

/// Looks at a file before SQLite may touch it: opening it for writing could already replay a log or change its mode.
/// The fields of the header: https://www.sqlite.org/fileformat.html#the_database_header
Status inspect(const QString &path)
{
    QFile file(path);
    if (!file.exists() || file.size() == 0)
        return {};
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(Error::local(QStringLiteral("the local store %1 cannot be read: %2").arg(path, file.errorString()),
                                 QStringLiteral("See whether the file is yours; TIDEMARK_STORE names another file.")));
    }
    const QByteArray header = file.read(100);
    if (header.size() < 100 || !header.startsWith(QByteArrayView("SQLite format 3\0", 16)))
        return fail(foreignFile(path));
    const auto field = [&](int offset) { return qFromBigEndian<qint32>(header.constData() + offset); };
    // A store that was only just made may have its first step in the log still: version and id are 0 then.
    const int version = field(60);
    const int application = field(68);
    if (application != storeApplicationId && (application != 0 || version != 0))
        return fail(foreignFile(path));
    if (version > schemaSteps().back().version)
        return fail(newerFile(path, version));
    return {};
}

Status prepareFile(const QString &path)
{
    const QDir folder = QFileInfo(path).absoluteDir();
    if (!folder.exists()) {
        const QFileInfo folderInfo(folder.absolutePath());
        if (!QDir().mkpath(folderInfo.absolutePath()) || !QDir().mkdir(folder.absolutePath(), ownerFolder)) {
            // Another program may have made it meanwhile.
            if (!folder.exists()) {
                return fail(Error::local(
                    QStringLiteral("the folder %1 of the local store cannot be made").arg(folder.absolutePath()),
                    QStringLiteral("Make it, or let TIDEMARK_STORE name a file elsewhere.")));
            }
        }
    }
    // Created here rather than by SQLite so that it is never readable by others, not even for a moment; the log and the
    // shared memory take their permissions from it.
    const int descriptor = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return fail(
            Error::local(QStringLiteral("the local store %1 cannot be opened: %2").arg(path, qt_error_string(errno)),
                         QStringLiteral("See whether the file and its folder are yours to write; "
                                        "TIDEMARK_STORE names another file.")));
    }
    ::close(descriptor);
    return {};
}

std::unique_ptr<SQLite::Database> connectTo(const QString &path)
{
    auto database = std::make_unique<SQLite::Database>(path.toUtf8().toStdString(), SQLite::OPEN_READWRITE,
                                                       busyTimeoutMs);
    database->exec("PRAGMA foreign_keys = ON");
    database->exec("PRAGMA synchronous = NORMAL");
    return database;
}

/// SQLite does not wait with two programs that turn the same new file into a WAL file: it says busy to one of them at once,
/// whatever the timeout (https://www.sqlite.org/c3ref/busy_handler.html). So the whole of it is tried again here.
void patiently(const std::function<void()> &work)
{
    const QDeadlineTimer deadline(busyTimeoutMs);
    while (true) {
        try {
            return work();
        } catch (const SQLite::Exception &exception) {
            if (exception.getErrorCode() != SQLITE_BUSY || deadline.hasExpired())
                throw;
        }
        QThread::msleep(10);
    }
}

/// What names a file for as long as it is open, whatever becomes of its path.
std::pair<quint64, quint64> fileAt(const QString &path)
{
    struct stat status
    {
    };
    return ::stat(QFile::encodeName(path).constData(), &status) == 0
               ? std::pair<quint64, quint64>(status.st_dev, status.st_ino)
               : noFile;
}

Error closed()
{
    return Error::local(QStringLiteral("the local store is closed"));
}

Status guarded(const QString &path, const std::function<void()> &work)
{
    try {
        work();
        return {};
    } catch (const SQLite::Exception &exception) {
        return fail(asError(exception, path.isEmpty() ? QStringLiteral("in memory") : path));
    } catch (const std::exception &exception) {
        return fail(Error::internal(QString::fromUtf8(exception.what())));
    }
}

} // namespace

LocalStore::LocalStore(const QString &path)
    : m_path(path)
{
}

LocalStore::~LocalStore() = default;

Result<std::shared_ptr<LocalStore>> LocalStore::open(const QString &path)
{
    std::shared_ptr<LocalStore> store(new LocalStore(path));
    TIDEMARK_CHECK(store->openFile());
    return store;
}

std::shared_ptr<LocalStore> LocalStore::awaiting(const QString &path, const Error &why)
{
    std::shared_ptr<LocalStore> store(new LocalStore(path));
    store->m_trouble = why;
    store->m_nextTry = std::chrono::steady_clock::now() + triedAgainAfter;
    return store;
}

Status LocalStore::openFile() const
{
    TIDEMARK_CHECK(inspect(m_path));
    TIDEMARK_CHECK(prepareFile(m_path));

    const std::scoped_lock lock(m_writer.mutex, m_reader.mutex);
    m_writer.database.reset();
    m_reader.database.reset();
    std::optional<Error> refusal;
    const auto openedOnce = [&] {
        auto database = connectTo(m_path);
        // The header may lag behind the log of a program that runs. Both in one statement, so in one snapshot; it reads the
        // whole schema as well, so that a file damaged there is refused now and not in the middle of the watching.
        Statement state(*database,
                        "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version");
        static_cast<void>(state.next());
        const int version = state.number(0);
        const int objects = state.number(1);
        state.reset();
        if (version > schemaSteps().back().version)
            refusal = newerFile(m_path, version);
        else if (version == 0 && objects > 0)
            refusal = foreignFile(m_path);
        if (refusal)
            return;
        database->exec("PRAGMA journal_mode = WAL");
        upgradeSchema(*database, schemaSteps());
        auto reader = connectTo(m_path);
        reader->exec("PRAGMA query_only = ON");
        m_writer.database = std::move(database);
        m_reader.database = std::move(reader);
    };
    TIDEMARK_CHECK(guarded(m_path, [&] { patiently(openedOnce); }));
    if (refusal)
        return fail(*refusal);
    if (!QFile::setPermissions(m_path, ownerFile))
        qCWarning(logStore) << "the permissions of" << m_path << "cannot be set to its owner alone";
    const std::lock_guard state(m_stateMutex);
    m_file = fileAt(m_path);
    m_trouble.reset();
    ++m_opened;
    return {};
}

bool LocalStore::isStillThere() const
{
    const std::lock_guard lock(m_stateMutex);
    return m_file != noFile && fileAt(m_path) == m_file;
}

Status LocalStore::ensureOpen() const
{
    if (m_path.isEmpty() || isStillThere())
        return {};
    {
        const std::lock_guard lock(m_stateMutex);
        const auto now = std::chrono::steady_clock::now();
        if (m_trouble && now < m_nextTry)
            return fail(*m_trouble);
        m_nextTry = now + triedAgainAfter;
        m_file = noFile;
        if (!m_trouble)
            m_trouble = Error::local(QStringLiteral("the local store %1 was deleted or replaced").arg(m_path));
    }
    const Status opened = openFile();
    if (!opened) {
        const std::lock_guard lock(m_stateMutex);
        m_trouble = opened.error();
    }
    return opened;
}

std::optional<Error> LocalStore::trouble() const
{
    const std::lock_guard lock(m_stateMutex);
    return m_trouble;
}

Status LocalStore::noted(Status done)
{
    const std::lock_guard lock(m_stateMutex);
    const auto now = std::chrono::steady_clock::now();
    if (!done && done.error().kind == ErrorKind::Local) {
        m_trouble = done.error();
        m_troubledAt = now;
    } else if (done && m_trouble && m_file != noFile && now - m_troubledAt >= triedAgainAfter) {
        m_trouble.reset();
    }
    return done;
}

Result<std::shared_ptr<LocalStore>> LocalStore::inMemory()
{
    std::shared_ptr<LocalStore> store(new LocalStore(QString()));
    TIDEMARK_CHECK(guarded({}, [&] {
        store->m_writer.database = connectTo(QStringLiteral(":memory:"));
        upgradeSchema(*store->m_writer.database, schemaSteps());
    }));
    ++store->m_opened;
    return store;
}

QString LocalStore::defaultPath()
{
    const QString named = qEnvironmentVariable("TIDEMARK_STORE");
    if (!named.isEmpty())
        return named;
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
           + QStringLiteral("/tidemark/tidemark.sqlite");
}

Status LocalStore::read(const std::function<void(SQLite::Database &)> &work) const
{
    TIDEMARK_CHECK(ensureOpen());
    Connection &connection = m_path.isEmpty() ? m_writer : m_reader;
    const std::scoped_lock lock(connection.mutex);
    if (!connection.database)
        return fail(trouble().value_or(closed()));
    return guarded(m_path, [&] {
        // One snapshot for all the statements of the work.
        SQLite::Transaction transaction(*connection.database, SQLite::TransactionBehavior::DEFERRED);
        work(*connection.database);
        transaction.commit();
    });
}

Status LocalStore::write(const std::function<void(SQLite::Database &)> &work)
{
    TIDEMARK_CHECK(ensureOpen());
    const std::scoped_lock lock(m_writer.mutex);
    if (!m_writer.database)
        return fail(trouble().value_or(closed()));
    // Who holds the file longer than that is not waited for by each write again, or the watching would stand still.
    m_writer.database->setBusyTimeout(trouble() ? 0 : busyTimeoutMs);
    return noted(guarded(m_path, [&] {
        SQLite::Transaction transaction(*m_writer.database, SQLite::TransactionBehavior::IMMEDIATE);
        work(*m_writer.database);
        transaction.commit();
    }));
}

} // namespace tidemark
