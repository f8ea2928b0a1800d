// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/canceller.h"

#include "core/base/log.h"

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <thread>

namespace tidemark::pg {

Canceller::Canceller(const pg_conn *connection)
    : m_connection(connection)
{
}

void Canceller::send()
{
    if (!settle(std::chrono::milliseconds(0)))
        return;
    // Holds what it needs of the connection, which may be gone before the thread is.
    const std::shared_ptr<PGcancel> cancel(PQgetCancel(const_cast<PGconn *>(m_connection)), &PQfreeCancel);
    if (!cancel)
        return;
    std::packaged_task<void()> request([cancel] {
        std::array<char, 256> reason{};
        if (PQcancel(cancel.get(), reason.data(), reason.size()) == 0)
            qCWarning(logPg) << "a cancel request was not delivered:" << reason.data();
    });
    m_request = request.get_future();
    std::thread(std::move(request)).detach();
}

bool Canceller::settle(std::chrono::milliseconds patience)
{
    return !m_request.valid() || m_request.wait_for(patience) == std::future_status::ready;
}

} // namespace tidemark::pg
