// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <optional>
#include <vector>

namespace tidemark {

/// A database of the server, templates apart.
struct ListedDatabase
{
    quint32 oid = 0;
    QString name;
    bool mayConnect = true;             ///< this role
    std::optional<int> connectionLimit; ///< its own CONNECTION LIMIT
    friend bool operator==(const ListedDatabase &, const ListedDatabase &) = default;
};

/// The connections of a server, as far as they bound what watching may take.
struct ConnectionRoom
{
    int usable = 0; ///< max_connections less those reserved for superusers and others
    int inUse = 0;
    std::optional<int> roleLimit; ///< the role's CONNECTION LIMIT; superusers have none
    friend bool operator==(const ConnectionRoom &, const ConnectionRoom &) = default;
};

/// The databases of a server that are watched without being named, and those that are not, with the reason in one sentence.
struct DatabaseChoice
{
    QStringList watched;
    QStringList left;
    QString because;
};

/// Each watched database holds a connection for as long as it is watched, so of what nobody named watching takes no more
/// than a tenth of the server's connections, half of the role's own limit, and sixteen; none of a database that has fewer
/// than ten for itself; and no further one while less than a tenth of the server's is free. Those of `watched` stay, and
/// one is always watched. Pure.
[[nodiscard]] DatabaseChoice chooseDatabases(const QStringList &watched, const std::vector<ListedDatabase> &listed,
                                             const std::optional<ConnectionRoom> &room);

} // namespace tidemark
