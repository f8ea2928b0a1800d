// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/demo/demodata.h"
#include "core/demo/loadprocess.h"
#include "core/demo/privatecluster.h"
#include "core/demo/serverplan.h"
#include "core/store/profile.h"

namespace tidemark::demo {

struct UpOptions
{
    std::optional<Scale> scale; ///< nothing: whatever is there, else small
    LoadCommand loadCommand;
    Progress progress;
    std::stop_token stop;
};

struct UpReport
{
    bool wasUp = false; ///< nothing had to be started
    Scale scale = Scale::Small;
    QStringList notes; ///< what the user should know: no pg_cron here, a broken cluster made anew …
    Millis took{0};
};

struct ServerState
{
    Server server = Server::Main;
    QString name;       ///< "demo", "demo-two": also the profile's name
    bool ready = false; ///< made and filled to the end
    bool running = false;
    qint64 pid = 0;
    int port = 0;
};

struct DemoStatus
{
    QString folder;
    bool exists = false;
    Scale scale = Scale::Small;
    std::vector<ServerState> servers;
    std::optional<qint64> loadPid; ///< the live load, while it runs
    qint64 bytes = 0;              ///< what the demo takes on disk
};

/// Where the live load connects: one database as its own role.
struct LoadTarget
{
    pg::ConnInfo connInfo;
    QString database;
    Server server = Server::Main;
};

/// Private PostgreSQL servers with one database for each of five systems from the field, and their live load.
///
/// Rules: everything lives in one folder, TIDEMARK_DEMO_DIR or XDG_DATA_HOME/tidemark/demo. Root's servers run as
/// another account: for root it is /var/lib/tidemark/demo, unless XDG_DATA_HOME or a HOME that is not root's own was set and
/// lets that account in. Only a folder that is empty or bears our mark is ever touched or removed. All state is in that
/// folder and in the running processes: any process may call any of this, one at a time is let in. Calls block, up() for
/// seconds (small) to minutes (large); never on the GUI thread.
class DemoCluster
{
public:
    explicit DemoCluster(QString folder = defaultFolder());

    [[nodiscard]] static QString defaultFolder();

    /// Makes what is missing, starts what stands still, mends what is half made, and starts the live load. Asking for another
    /// scale than the one that is there is an Input error.
    [[nodiscard]] Result<UpReport> up(const UpOptions &options) const;
    /// Ends the load and the servers and removes every file. Fine when there is nothing.
    [[nodiscard]] Status down() const;
    [[nodiscard]] Result<DemoStatus> status() const;

    /// How to connect as the superuser `dba`; the password comes from a passfile of the demo, not from the value itself.
    /// A Missing error when the demo was never up.
    [[nodiscard]] Result<pg::ConnInfo> connInfo(Server server) const;
    /// Profiles "demo" (production) and "demo-two" (development), ready to be stored.
    [[nodiscard]] Result<std::vector<Profile>> profiles() const;
    [[nodiscard]] Result<std::vector<LoadTarget>> loadTargets() const;

    [[nodiscard]] const QString &folder() const { return m_folder; }
    [[nodiscard]] QString passFile() const; ///< what the profiles' `passfile` names
    [[nodiscard]] LoadProcess load() const;
    [[nodiscard]] bool isThere() const; ///< the folder bears our mark

private:
    struct Mark;
    [[nodiscard]] QString path(const char *name) const;
    [[nodiscard]] Status claimFolder() const;
    [[nodiscard]] Result<Mark> readMark() const;
    [[nodiscard]] Status writeMark(const Mark &mark) const;
    [[nodiscard]] Result<QString> ensurePassword() const;
    [[nodiscard]] Status bringUp(Server server, const UpOptions &options, const Mark &mark, const QString &password,
                                 QStringList &preload) const;
    [[nodiscard]] Status fill(const std::vector<Server> &servers, const std::vector<QStringList> &preload,
                              const UpOptions &options, Scale scale) const;
    [[nodiscard]] Status checkAnswers(Server server) const;
    [[nodiscard]] PrivateCluster cluster(Server server, const ServerTools &tools) const;
    [[nodiscard]] pg::ConnInfo connInfoAs(Server server, const QString &role) const;

    QString m_folder;
};

} // namespace tidemark::demo
