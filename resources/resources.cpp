// SPDX-License-Identifier: GPL-3.0-or-later
#include "resources/resources.h"

#include <QtCore/qglobal.h>

// Q_INIT_RESOURCE must stand outside any namespace.
static void registerText()
{
    Q_INIT_RESOURCE(tidemark_text);
}

void tidemark::initResources()
{
    static const bool once = (registerText(), true);
    static_cast<void>(once);
}
