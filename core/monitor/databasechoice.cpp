// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databasechoice.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark {

namespace {

constexpr int mostUnnamed = 16;
constexpr int serverShare = 10;
constexpr int roleShare = 2;
constexpr int fewestOfADatabase = 10;

struct Bound
{
    int most = mostUnnamed;
    QString because = QCoreApplication::translate("Databases",
                                                  "of databases that are not named no more than %1 are watched")
                          .arg(mostUnnamed);
};

Bound boundOf(const std::optional<ConnectionRoom> &room)
{
    Bound bound;
    if (!room)
        return bound;
    if (const int share = std::max(1, room->usable / serverShare); share < bound.most) {
        bound.most = share;
        bound.because = QCoreApplication::translate(
                            "Databases",
                            "each takes a connection, and watching takes no more than a tenth of the server's %1")
                            .arg(room->usable);
    }
    if (!room->roleLimit)
        return bound;
    if (const int share = std::max(1, *room->roleLimit / roleShare); share < bound.most) {
        bound.most = share;
        bound.because =
            QCoreApplication::translate(
                "Databases",
                "each takes a connection, and watching takes no more than half of the %1 that the role may have")
                .arg(*room->roleLimit);
    }
    return bound;
}

} // namespace

DatabaseChoice chooseDatabases(const QStringList &watched, const std::vector<ListedDatabase> &listed,
                               const std::optional<ConnectionRoom> &room)
{
    DatabaseChoice choice{watched, {}, {}};
    const Bound bound = boundOf(room);
    int free = room ? room->usable - room->inUse : mostUnnamed;
    QStringList reasons;
    const auto leave = [&](const ListedDatabase &database, const QString &because) {
        choice.left << database.name;
        if (!reasons.contains(because))
            reasons << because;
    };
    for (const ListedDatabase &database : listed) {
        if (!database.mayConnect || watched.contains(database.name))
            continue;
        const bool isFirst = choice.watched.isEmpty();
        if (!isFirst && choice.watched.size() >= bound.most) {
            leave(database, bound.because);
        } else if (!isFirst && database.connectionLimit && *database.connectionLimit < fewestOfADatabase) {
            leave(database, QCoreApplication::translate("Databases", "%1 has no more than %2 connections itself")
                                .arg(database.name, QString::number(*database.connectionLimit)));
        } else if (!isFirst && room && free <= room->usable / serverShare) {
            leave(database,
                  QCoreApplication::translate("Databases", "less than a tenth of the server's %1 connections is free")
                      .arg(room->usable));
        } else {
            choice.watched << database.name;
            --free;
        }
    }
    choice.because = reasons.join(QStringLiteral("; "));
    return choice;
}

} // namespace tidemark
