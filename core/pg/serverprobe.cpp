// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/serverprobe.h"

#include <libpq-fe.h>

#include <QByteArray>

#include <thread>
#include <utility>
#include <vector>

namespace tidemark::pg {

namespace {

using Keywords = std::vector<std::pair<QByteArray, QByteArray>>;

/// As the connection was made, but to the one host it is at, and without a password: being asked for one is an answer.
Keywords keywordsOf(const PGconn *connection)
{
    Keywords all;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfo(const_cast<PGconn *>(connection)), &PQconninfoFree);
    for (const PQconninfoOption *option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        const QByteArray keyword(option->keyword);
        const bool isReplaced = keyword == "host" || keyword == "hostaddr" || keyword == "port" || keyword == "password"
                                || keyword == "passfile" || keyword == "service" || keyword == "connect_timeout"
                                || keyword == "target_session_attrs";
        if (option->val != nullptr && !isReplaced)
            all.emplace_back(keyword, option->val);
    }
    all.emplace_back("host", PQhost(connection));
    all.emplace_back("hostaddr", PQhostaddr(connection));
    all.emplace_back("port", PQport(connection));
    all.emplace_back("passfile", "/dev/null/none");
    all.emplace_back("connect_timeout", QByteArray::number(ServerProbe::timeoutSeconds));
    return all;
}

} // namespace

ServerProbe::ServerProbe(const pg_conn *connection)
{
    std::thread([answer = m_answer, all = keywordsOf(connection)] {
        std::vector<const char *> keywords;
        std::vector<const char *> values;
        for (const auto &[keyword, value] : all) {
            keywords.push_back(keyword.constData());
            values.push_back(value.constData());
        }
        keywords.push_back(nullptr);
        values.push_back(nullptr);
        const PGPing ping = PQpingParams(keywords.data(), values.data(), 0);
        *answer = ping == PQPING_NO_RESPONSE ? Answer::Silent : Answer::Alive;
    }).detach();
}

} // namespace tidemark::pg
