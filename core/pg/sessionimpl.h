// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/canceller.h"
#include "core/pg/connecting.h"
#include "core/pg/serverprobe.h"
#include "core/pg/session.h"

#include <libpq-fe.h>

#include <QSet>

#include <utility>

namespace tidemark::pg {

struct ResultClear
{
    void operator()(PGresult *result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultClear>;

/// Text of libpq's without the blanks at its ends; empty for null.
[[nodiscard]] QString fromServer(const char *text);

/// What a Session is made of. It holds the connection and knows how one call ends: by the server's answer, at the call's
/// deadline or when it is asked to stop, with the cancel that this takes, and with which Error (sessionimpl.cpp). The
/// calls themselves are in sessioncalls.cpp. Threads: as Session. For core/pg alone.
class Session::Impl
{
public:
    Impl(ConnPtr connection, std::shared_ptr<Waker> waker)
        : m_connection(std::move(connection))
        , m_canceller(m_connection.get())
        , m_waker(std::move(waker))
    {
        PQsetNoticeReceiver(m_connection.get(), &Impl::onNotice, this);
    }

    PGconn *connection() const { return m_connection.get(); }

    Result<ResultSet> exec(const QByteArray &sql, const Params &params, const CallOptions &call);
    Result<ResultSet> execScript(const QByteArray &sql, const CallOptions &call);
    std::vector<Result<ResultSet>> execBatch(std::span<const Statement> statements, const CallOptions &call);
    Result<ResultSet> copyIn(const QByteArray &sql, const std::function<QByteArray()> &next, const CallOptions &call);

    qint64 received = 0;
    qint64 sent = 0;

private:
    /// Everything one call needs to wait: its deadline, and the wake-up when it is asked to stop.
    struct Call
    {
        Call(const CallOptions &options, const std::shared_ptr<Waker> &waker)
            : stop(options.stop)
            , limit(options.deadline)
            , probeAfter(options.probeAfter)
            , heardAt(std::chrono::steady_clock::now())
            , deadline(std::chrono::steady_clock::now() + options.deadline)
            , onStop(options.stop, [waker] { waker->wake(); })
        {
        }
        [[nodiscard]] Wait interruption() const
        {
            if (stop.stop_requested())
                return Wait::Stopped;
            return std::chrono::steady_clock::now() >= deadline ? Wait::DeadlinePassed : Wait::Ready;
        }
        /// Until when to wait now: to the end, the next cancel, or the moment to ask whether the server is there.
        [[nodiscard]] SteadyTime until() const;
        std::stop_token stop;
        Millis limit;
        Millis probeAfter;
        SteadyTime heardAt; ///< when the server last sent anything
        std::optional<ServerProbe> probe;
        SteadyTime deadline; ///< once a cancel was sent: when the connection is given up
        SteadyTime nextCancel;
        std::stop_callback<std::function<void()>> onStop;
        bool cancelSent = false;
        Wait why = Wait::Ready; ///< why the cancel was sent
    };

    static void onNotice(void *self, const PGresult *notice);

    bool sendOne(const QByteArray &sql, const Params &params);
    bool sendPrepared(const Statement &statement);
    bool queueBatch(std::span<const Statement> statements, std::vector<bool> &prepares);
    Status waitReadable(Call &call);
    /// The server is silent: asks over a second connection whether it is there. An error where it is not.
    Status probe(Call &call);
    Status flush(Call &call);
    Result<ResultPtr> nextResult(Call &call);
    Result<ResultSet> lastResult(Call &call, const QByteArray &sql);
    void sendCancel(Call &call);
    void settleCancel(const Call &call);
    Error interrupted(const Call &call, Wait why, const QByteArray &sql) const;
    /// What the server still said before the connection broke, if that was not read yet.
    void hearLastWords();
    Error broken(const QByteArray &sql);
    Error serverError(const PGresult *result, const QByteArray &sql, const Call &call);
    Result<ResultSet> finished(ResultPtr result, const QByteArray &sql, const Call &call);

    // A server that ignores a cancel is given this long before the connection is declared dead.
    static constexpr Millis cancelGrace{3'000};
    // A cancel that arrives between two statements of a batch does nothing: it is sent again.
    static constexpr Millis cancelInterval{250};

    ConnPtr m_connection;
    Canceller m_canceller;
    std::shared_ptr<Waker> m_waker;
    QStringList m_notices;
    std::optional<Error> m_lastWords; ///< what the server said as it ended the connection while nothing was asked
    QSet<QByteArray> m_prepared;
    bool m_dead = false;
    bool m_copying = false; ///< the server waits for the data of a COPY

    friend class Session;
};

} // namespace tidemark::pg
