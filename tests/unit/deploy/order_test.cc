#include "deploy/order.h"

#include <gtest/gtest.h>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

TEST(Order, PutsWhatOthersNeedFirstAndKeepsTheGivenOrderWithinAClass) {
  core::Objects objects;
  for (const char* text : {
           "{'apiVersion':'gateway.networking.k8s.io/"
           "v1','kind':'HTTPRoute','metadata':{'name':'r'}}",
           "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'b'}}",
           "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'a'}}",
           "{'apiVersion':'v1','kind':'Service','metadata':{'name':'s'}}",
           "{'apiVersion':'admissionregistration.k8s.io/"
           "v1','kind':'ValidatingWebhookConfiguration','metadata':{'name':'w'}}",
           "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c'}}",
           "{'apiVersion':'apiextensions.k8s.io/"
           "v1','kind':'CustomResourceDefinition','metadata':{'name':'d'}}",
           "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'n'}}",
       }) {
    objects.push_back({Parsed(text), ""});
  }
  std::string names;
  for (const core::Object& object : InOrder(objects)) names += core::NameOf(object.body);
  EXPECT_EQ(names, "ndcsbarw");
}

}  // namespace
}  // namespace headgate::deploy
