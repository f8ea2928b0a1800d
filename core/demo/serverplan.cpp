// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/serverplan.h"

namespace tidemark::demo {

const ServerPlan &planOf(Server server)
{
    static const ServerPlan plans[] = {
        {QStringLiteral("main"),
         QStringLiteral("demo"),
         Environment::Production,
         {QStringLiteral("plays"), QStringLiteral("register"), QStringLiteral("warehouse"), QStringLiteral("sensors"),
          QStringLiteral("wip")},
         1},
        {QStringLiteral("two"),
         QStringLiteral("demo-two"),
         Environment::Development,
         {QStringLiteral("warehouse"), QStringLiteral("wip")},
         4},
    };
    return plans[static_cast<int>(server)];
}

} // namespace tidemark::demo
