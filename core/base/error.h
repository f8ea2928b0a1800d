// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace tidemark {

/// What went wrong, as far as a caller must decide on it. The server's own words stay in Error::message.
enum class ErrorKind {
    Connection,     ///< the server cannot be reached, or the connection broke
    Authentication, ///< the server refused who we are, or TLS refused whom we met
    Permission,     ///< the role may not do this
    Timeout,        ///< our deadline or the server's statement_timeout ran out
    LockTimeout,    ///< lock_timeout ran out while waiting for a lock
    Cancelled,      ///< somebody asked for it to stop
    Conflict,       ///< serialization failure or deadlock: the same again may succeed
    Constraint,     ///< data or catalogue rules refused it
    Missing,        ///< a table, function, column, database or extension is not there
    Unsupported,    ///< this server or build cannot do it
    InDoubt,        ///< the connection broke at COMMIT: it may or may not have happened
    Safety,         ///< the profile's safety refused it
    Input,          ///< what the user gave makes no sense
    Local,          ///< a file, the local store or the keychain failed
    Internal,       ///< a fault of ours
};

/// A failure as a value. Core never throws across its API; it returns Result<T>.
/// Each boundary the error crosses adds one phrase with within(), so that the text reads from the outside in:
/// "watching prod-eu: reading partitions: permission denied for table part_config".
struct Error
{
    ErrorKind kind = ErrorKind::Internal;
    QString message;
    QString detail;
    QString hint;
    QByteArray sqlState; ///< five characters, empty when the error is not the server's
    QByteArray statement;
    int position = 0; ///< character in statement, from 1; 0 when unknown
    bool poisonsSession = false;
    bool poisonsTransaction = false;
    bool retryable = false;
    QString context;

    [[nodiscard]] Error within(const QString &phrase) const;
    /// Context and message in one line, whatever line breaks they have, for logs, cards and stderr.
    [[nodiscard]] QString summary() const;

    static Error input(const QString &message, const QString &hint = {});
    static Error local(const QString &message, const QString &hint = {});
    static Error missing(const QString &message, const QString &hint = {});
    static Error safety(const QString &message, const QString &hint = {});
    static Error cancelled();
    static Error internal(const QString &message);
};

/// The text with its line breaks as "; ": for where a message must be one line. Names may have breaks in them too.
[[nodiscard]] QString oneLine(const QString &text);

/// The kind of a SQLSTATE (PostgreSQL documentation, appendix A).
[[nodiscard]] ErrorKind errorKindOfSqlState(const QByteArray &sqlState);

/// A stable word for logs and JSON, for example "lock_timeout".
[[nodiscard]] QString errorKindName(ErrorKind kind);

} // namespace tidemark
