// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/pg/conninfo.h"
#include "core/pg/waiting.h"

#include <libpq-fe.h>

#include <memory>

namespace tidemark::pg {

struct ConnFinish
{
    void operator()(PGconn *connection) const { PQfinish(connection); }
};
using ConnPtr = std::unique_ptr<PGconn, ConnFinish>;

/// Opens a connection without blocking longer than `timeout` a host, or until the token is asked to stop. Of several
/// hosts, one that does not answer in time is left behind for the next, as libpq does it with those that refuse.
///
/// Errors: Input (a parameter that libpq does not take), Timeout, Authentication (password, pg_hba.conf, TLS), Missing (the database), Permission (CONNECT), Cancelled,
/// else Connection; with the server's SQLSTATE where it gave one.
[[nodiscard]] Result<ConnPtr> connectTo(const ConnInfo &info, const QString &applicationName, Millis timeout,
                                        const std::shared_ptr<Waker> &waker, const std::stop_token &stop);

/// A message of libpq's without its indented guesses at the cause ("Is the server running on that host …?"), for which the
/// hints here stand; empty for null.
[[nodiscard]] QString libpqWords(const char *text);

/// Whether connecting failed for want of the right password, so that another one would help: not where TLS or pg_hba.conf
/// refused. Such errors carry 28P01 (invalid_password), also where there was no password to send.
[[nodiscard]] bool wantsPassword(const Error &error);

} // namespace tidemark::pg
