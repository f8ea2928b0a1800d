// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"

#include <QStringList>

#include <array>

namespace tidemark::demo {

/// The demo's servers: Main holds all five databases, Two a smaller copy of two of them.
enum class Server { Main, Two };

inline constexpr std::array allServers = {Server::Main, Server::Two};

/// What a server of the demo is called and holds.
struct ServerPlan
{
    QString folder;
    QString profile;
    Environment environment = Environment::Development;
    QStringList databases; ///< the longest to load first
    qint64 share = 1;      ///< of the rows: one in so many
};

[[nodiscard]] const ServerPlan &planOf(Server server);

} // namespace tidemark::demo
